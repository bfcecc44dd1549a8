"""The promises of the design, held against every sequence of inputs. See docs/proof.md."""
