package evidence

// syntaxKinds are readings in syntax that came after Python 3.11: PEP 695
// (3.12), 696 (3.13), 649, 750 and 758 (3.14) and 810 (3.15).
func syntaxKinds() []kind {
	return []kind{
		written("syntax-starred", 11, "import FACADE as m\n\n\ndef _argsN__(*args: *tuple[m.NAME]):\n    pass\n\n\ndef PROBE():\n    return m.NAME\n",
			"import FACADE as m\n\nvalueN__: list[*(m.NAME,)] = []\n\n\ndef PROBE():\n    return m.NAME\n",
			"from FACADE import NAME\n\n\ndef _argsN__(*args: *tuple[NAME]):\n    pass\n"),
		written("syntax-except-star", 11, "import FACADE as m\n\n\ndef PROBE():\n    try:\n        pass\n    except* ValueError:\n        return m.NAME\n    return [m.NAME]\n"),
		written("syntax-type", 12, "import FACADE as m\n\ntype KN__ = list[m.NAME]\n\n\ndef PROBE():\n    return KN__.__value__.__args__[0]\n",
			"from FACADE import NAME\n\n\nclass KN__[T: NAME]:\n    own = NAME\n", "import FACADE as m\n\n\ndef _callN__[T: m.NAME](a: T) -> m.NAME:\n    return m.NAME\n\n\ndef PROBE():\n    return _callN__(1)\n"),
		written("syntax-nested-quotes", 12, "import FACADE as m\n\n\ndef PROBE():\n    return f\"{[m.NAME for _ in \"1\"] and \"x\"}\" and m.NAME\n"),
		written("syntax-type-default", 13, "import FACADE as m\n\n\nclass KN__[T = m.NAME]:\n    own = m.NAME\n\n\ndef PROBE():\n    return KN__.__type_params__[0].__default__\n",
			"from FACADE import NAME\n\n\ndef _callN__[T = NAME](a: T):\n    return NAME\n\n\ndef PROBE():\n    return _callN__.__type_params__[0].__default__\n",
			"import FACADE\n\ntype KN__[T = FACADE.NAME, *Ts = *tuple[int], **P = [int]] = T\n\n\ndef PROBE():\n    return KN__.__type_params__[0].__default__\n"),
		written("syntax-t-string", 14, "import FACADE as m\n\n\ndef PROBE():\n    return t\"{m.NAME}\".interpolations[0].value\n",
			"from FACADE import NAME\n\n\ndef PROBE():\n    return t\"a {NAME!r:>{len(\"10\")}} b\".interpolations[0].value\n",
			"import FACADE\n\n\ndef PROBE():\n    return rt\"\\d{FACADE.NAME}\".interpolations[0].value\n",
			"import FACADE as m\n\nKN__ = t'''\n{m.NAME=}\n'''.interpolations[0].value\n"),
		written("syntax-except-bare", 14, "try:\n    from FACADE import NAMES\nexcept ImportError, AttributeError:\n    pass\n",
			"import FACADE as m\n\n\ndef PROBE():\n    try:\n        return m.NAME\n    except ValueError, TypeError:\n        return None\n"),
		written("syntax-deferred", 14, "import FACADE as m\n\n\ndef _hintedN__(a: m.NAME) -> list[m.NAME]:\n    pass\n\n\ndef PROBE():\n    return _hintedN__.__annotations__[\"a\"]\n",
			"def _hintedN__(a: NAME):\n    pass\n\n\nfrom FACADE import NAME\n\n\ndef PROBE():\n    return _hintedN__.__annotations__[\"a\"]\n"),
		written("syntax-lazy-from", 15, "lazy from FACADE import NAMES\n\n\ndef PROBE():\n    return [NAMES]\n", "lazy from FACADE import NAME as otherN__\n\n\ndef PROBE():\n    return otherN__\n",
			"lazy from FACADE import (\n    NAMES,\n)\n"),
		written("syntax-lazy-import", 15, "lazy import FACADE as m\n\n\ndef PROBE():\n    return m.NAME\n", "lazy import FACADE\n\n\ndef PROBE():\n    return FACADE.NAME\n",
			"lazy from PARENT import LAST\n\n\ndef PROBE():\n    return LAST.NAME\n", "lazy import json, FACADE as m\n\n\ndef PROBE():\n    return [m.NAME, json]\n"),
		written("syntax-lazy-mixed", 15, "lazy from FACADE import NAME as oneN__\nfrom FACADE import NAME as twoN__\n\n\ndef PROBE():\n    return [oneN__, twoN__]\n"),
		written("syntax-lazy-modules", 15, "__lazy_modules__ = [\"FACADE\"]\nfrom FACADE import NAMES\n\n\ndef PROBE():\n    return [NAMES]\n",
			"__lazy_modules__ = [\"FACADE\", \"json\"]\nimport json\n\nimport FACADE as m\n\n\ndef PROBE():\n    return m.NAME\n"),
		written("syntax-lazy-word", 0, "lazy = 1\nfrom FACADE import NAME\n\n\ndef PROBE(lazy=lazy):\n    return [NAME, lazy]\n", "from FACADE import NAME as lazy\n\n\ndef PROBE():\n    return lazy\n"),
	}
}
