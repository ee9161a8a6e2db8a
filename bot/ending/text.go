package ending

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canonicalize/canonicalize/bot/words"
	"github.com/canonicalize/canonicalize/codemod"
	"github.com/canonicalize/canonicalize/codemod/retire"
)

// Branch is the branch of a step below a prefix.
func Branch(prefix, facade string, step retire.Step) string {
	return prefix + "retire-" + strings.ReplaceAll(facade, ".", "-") + "-" + string(step)
}

// RevertBranch is the branch that takes a pull request back.
func RevertBranch(prefix string, number int) string {
	return fmt.Sprintf("%srevert-%d", prefix, number)
}

// titles say what a step does to a facade.
var titles = map[retire.Step]string{
	retire.Move:      "Move what %s declares into modules of its own",
	retire.Register:  "Register what only %s imports",
	retire.Explicit:  "Import by name what %s re-exports",
	retire.Narrow:    "Take out of %s what nobody reads there",
	retire.Deprecate: "Warn where a name is read from %s",
	retire.Retire:    "Retire %s",
	retire.Shell:     "Let %s give its names at a prompt",
}

// Title is the title of a step's pull request.
func Title(facade string, step retire.Step) string { return fmt.Sprintf(titles[step], facade) }

// abouts say what a step is for.
var abouts = map[retire.Step]string{
	retire.Move:      "The names below are declared in the facade itself, so their readers cannot read them anywhere else. They get a module of their own; the facade goes on to pass them on, and the readers follow in pull requests of their own.",
	retire.Register:  "Some modules register something when they are imported (models, receivers, tasks, plugins), and only the facade imports them. From now on a registry does, so that the facade's imports can go without anything being lost.",
	retire.Explicit:  "Each re-export becomes one import from the module that declares the name. What nobody reads is left out.",
	retire.Narrow:    "Nobody reads these names from the facade any more, in any repository that was looked at.",
	retire.Deprecate: "Each use of a name that is left warns, which finds the readers that nobody sees.",
	retire.Retire:    "Nobody reads a name from the facade, what registers itself has a root of its own, and a person said that it may go. Afterwards the facade imports nothing for others.",
	retire.Shell:     "At an interactive prompt the names can be had from the facade as before; code of a program is told where to import from.",
}

// Text is the body of a step's pull request. Word is who said that the facade
// may be retired.
func Text(r *codemod.Retirement, m Mark, word string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", abouts[m.Step])
	if m.Step == retire.Retire && word != "" {
		fmt.Fprintf(&b, "\n@%s said so.\n", word)
	}
	if len(r.Result.Gone) > 0 {
		fmt.Fprintf(&b, "\n**No longer bound there** (%s): %s\n", words.Counted(len(r.Result.Gone), "name"), words.Codes(r.Result.Gone))
	}
	figures(&b, r)
	for _, note := range r.Result.Notes {
		fmt.Fprintf(&b, "\n> %s\n", words.Plain(note))
	}
	for _, refused := range r.Result.Refused {
		fmt.Fprintf(&b, "\n- %s stays: %s\n", words.Code(refused.Name), words.Plain(refused.Why))
	}
	b.WriteString("\n### How it was checked\n\nBy reading, nothing was run: every reader finds the same objects as before but for the names above; no import of any module fails that did not; " +
		"everything that registers itself and that the facade executed is executed still; doing this step again changes nothing.\n")
	if slices.ContainsFunc(m.Files, func(path string) bool { return strings.HasSuffix(path, "apps.py") }) {
		b.WriteString("\nFor Django: the set-up imports what it imported, so it takes as long as before. Let your CI run `python manage.py makemigrations --check`.\n")
	}
	b.WriteString("\n### If something breaks\n\n`git revert` of this one commit puts everything back; `/canonicalize revert` here opens the pull request for it. " +
		fmt.Sprintf("The step is then off until somebody says `/canonicalize retry %s`.\n", m.Facade))
	return b.String() + "\n" + m.String() + "\n"
}

// figures say what the import of modules executes before and after.
func figures(b *strings.Builder, r *codemod.Retirement) {
	if len(r.Figures) == 0 {
		return
	}
	b.WriteString("\n| `import` | modules executed before | after |\n|---|--:|--:|\n")
	shrinks := false
	for _, f := range r.Figures {
		fmt.Fprintf(b, "| %s | %d | %d |\n", words.Code(f.Module), f.Before, f.After)
		shrinks = shrinks || f.After < f.Before
	}
	if !shrinks {
		b.WriteString("\nThis shrinks nothing by itself: it makes the steps possible that do.\n")
	}
}
