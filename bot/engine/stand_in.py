"""A stand-in for TensorFlow, so that Rasa 3.6 imports without it.

Rasa imports TensorFlow wherever a neural component *could* be used. Enrum uses none: its classifier is logistic
regression (scikit-learn) and its policy is rules. The real package costs 1.9 GB on disk, 12 s at start and 0.7 GB
of memory, and would be the largest attack surface in the process.

`install()` puts a finder last on `sys.meta_path`: only where the real package is absent do names below `PACKAGES`
resolve to hollow modules, whose attributes are hollow classes. They can be subclassed and named in annotations,
which is all that an import does. Using one for real work raises `StandInUsed`, which names it.

Where TensorFlow is installed the finder is never asked, and Rasa's own component list is kept.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

PACKAGES = ("tensorflow", "tensorflow_hub", "tensorflow_text", "tensorflow_addons", "keras", "jax")

COMPONENTS = {
    "rasa.nlu.classifiers.fallback_classifier": ["FallbackClassifier"],
    "rasa.nlu.classifiers.keyword_intent_classifier": ["KeywordIntentClassifier"],
    "rasa.nlu.classifiers.logistic_regression_classifier": ["LogisticRegressionClassifier"],
    "rasa.nlu.extractors.entity_synonyms": ["EntitySynonymMapper"],
    "rasa.nlu.extractors.regex_entity_extractor": ["RegexEntityExtractor"],
    "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer": ["CountVectorsFeaturizer"],
    "rasa.nlu.featurizers.sparse_featurizer.lexical_syntactic_featurizer": ["LexicalSyntacticFeaturizer"],
    "rasa.nlu.featurizers.sparse_featurizer.regex_featurizer": ["RegexFeaturizer"],
    "rasa.nlu.tokenizers.whitespace_tokenizer": ["WhitespaceTokenizer"],
    "rasa.core.policies.memoization": ["MemoizationPolicy", "AugmentedMemoizationPolicy"],
    "rasa.core.policies.rule_policy": ["RulePolicy"],
}
"""Rasa components that work without TensorFlow: module to class names."""


class StandInUsed(RuntimeError):
    """Something tried to compute with a hollow TensorFlow object. `args[0]` names it."""


class _HollowType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _hollow(f"{cls.__qualname__}.{name}")


def _hollow(name: str) -> type:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        if args and callable(args[0]) and len(args) == 1 and not kwargs:
            return  # used as a decorator while a Rasa module is imported
        if type(self).__module__ == __name__:
            return
        raise StandInUsed(f"{name} needs TensorFlow; install it beside rasa 3.6.21 to use neural components")

    return _HollowType(
        name.rsplit(".", 1)[-1],
        (),
        {
            "__qualname__": name,
            "__module__": __name__,
            "__init__": refuse,
            "__call__": lambda self, first=None, *a, **k: first,
        },
    )


class _HollowModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _hollow(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".", 1)[0] not in PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = _HollowModule(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == "tensorflow":
            module.__version__ = "0.0-stand-in"  # type: ignore[attr-defined]


def tensorflow_is_real() -> bool:
    """Whether the real TensorFlow can be imported (then the stand-in keeps away)."""
    return importlib.machinery.PathFinder.find_spec("tensorflow") is not None


def install() -> bool:
    """Let Rasa import without TensorFlow. Safe to call twice. Returns whether the stand-in is in use."""
    if tensorflow_is_real():
        return False
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
        _replace_default_components()
    return True


def _replace_default_components() -> None:
    name = "rasa.engine.recipes.default_components"
    module = ModuleType(name)
    classes = [getattr(importlib.import_module(home), cls) for home, names in COMPONENTS.items() for cls in names]
    module.DEFAULT_COMPONENTS = classes  # type: ignore[attr-defined]
    sys.modules[name] = module
