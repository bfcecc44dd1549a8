// Merges a conversation that came from the server into the one on the page. Leaves alone what is unchanged, so that
// focus, an open menu and half-written words stay, and so that only new messages are read out by a screen reader.

/** old and fresh are #conversation elements. Returns the first message that is new, or null. */
export function merge(old, fresh, { closeMenu }) {
  Object.assign(old.dataset, fresh.dataset);
  for (const name of ["reply_to", "key"]) {
    const value = fresh.querySelector(`input[name=${name}]`)?.getAttribute("value") ?? "";
    for (const field of old.querySelectorAll(`input[name=${name}]`)) field.setAttribute("value", value);
  }
  const menu = old.querySelector("details");
  const freshMenu = fresh.querySelector("details");
  if (menu && freshMenu) menu.open = freshMenu.open = menu.open && !closeMenu;
  for (const id of ["choices", "text", "everywhere"]) {
    const part = old.querySelector(`#${id}`);
    const freshPart = fresh.querySelector(`#${id}`);
    if (!part.isEqualNode(freshPart)) part.replaceWith(freshPart);
  }
  const notice = old.querySelector("#notice");
  const said = fresh.querySelector("#notice").textContent;
  if (notice.textContent !== said) notice.textContent = said;
  const signs = old.querySelector("#signs");
  const freshSigns = fresh.querySelector("#signs");
  signs.dataset.rest = freshSigns.dataset.rest;
  if (signs.textContent !== freshSigns.textContent) signs.textContent = freshSigns.textContent;
  old.querySelector("#offline-help")?.remove();
  old.append(...fresh.querySelectorAll("#offline-help"));
  return mergeMessages(old.querySelector("#messages"), fresh.querySelector("#messages"));
}

function mergeMessages(list, freshList) {
  const known = new Map(Array.from(list.children, (item) => [item.id, item]));
  const wanted = Array.from(freshList.children, (item) => {
    const same = known.get(item.id);
    return same?.isEqualNode(item) ? same : item;
  });
  for (const item of known.values()) if (!wanted.includes(item)) item.remove();
  let next = list.firstElementChild;
  for (const item of wanted) {
    if (item === next) next = next.nextElementSibling;
    else list.insertBefore(item, next);
  }
  return wanted.find((item) => !known.has(item.id)) ?? null;
}
