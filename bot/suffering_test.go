package bot

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
	"github.com/canonicalize/canonicalize/codemod"
)

// suffering is what people suffer from bots, each with the tests that keep this
// one from it, as "package TestName"; "" is this package.
var suffering = []struct {
	what  string
	tests []string
}{
	1: {"rebase storms: one merge, many rebuilds", []string{"TestBaseMoves", "TestMergeOneAndGoOn", "plan TestUpdatesAreBudgetedToo"}},
	2: {"a force-push drops approvals and queues", []string{"TestApprovedIsLeftAlone", "TestMergeQueue", "TestAutoMerge", "plan TestLife"}},
	3: {"many at once trip the content limit", []string{"TestBudgetUsedUp", "TestCampaignWithinTheBudget", "github TestPace", "github TestPacerObeysGitHub",
		"github TestPaceOutlivesTheProcess", "github TestLimits", "../cmd/canonicalize/service TestPaceSurvivesRestarts"}},
	4: {"a second run forgets what the first made", []string{"TestMemoryIsOnGitHub", "../cmd/canonicalize/cli TestServeLosesItsDatabase", "TestInterruptedAfterPush", "TestEveryCallFails", "TestProposalInterrupted"}},
	5: {"one pull request for the owners of everything", []string{"TestExactOwnerSets", "plan TestChunks", "owners TestExample"}},
	6: {"a team without access fails the whole request", []string{"TestTeamIsMissing", "TestReviewsAreRefused", "github TestAccess"}},
	7: {"a closed pull request comes back", []string{"TestClosedMeansNo", "TestDeletedBranchMeansNo", "TestProposalDeclined",
		"TestDashboardBoxes", "plan TestDeclinedHoldsItsContent"}},
	8:  {"commits of people are destroyed", []string{"TestPersonPushes", "TestPersonAmends", "TestBranchOfSomebody", "plan TestRebuildLeavesForeignBranches", "git TestPushErrors"}},
	9:  {"limits for each directory instead of the repository", []string{"TestBudgetsAndBranchesInUse", "TestBudgetUsedUp", "plan TestBudgets"}},
	10: {"issues about faults that are the bot's own", []string{"TestOwnFaultsAreNoIssue", "TestBrokenConfiguration"}},
	11: {"annotations beyond fifty are dropped", []string{"TestReviewOfMany", "github TestCheckAnnotationsAreBatched"}},
	12: {"suggestions outside of the diff", []string{"TestSuggestionsAreTheCodemods", "TestReviewWithoutSuggestions"}},
	13: {"comments pile up and threads go stale", []string{"TestThreads", "TestReviewRatchet"}},
	14: {"suggestions turn line ends around", []string{"TestReviewWithoutSuggestions"}},
	15: {"forks cannot be pushed to", []string{"TestReviewOfFork", "TestCommandOnFork"}},
	16: {"the API lags behind the event", []string{"TestStaleAnswers", "github TestFreshTokensAreTried"}},
	17: {"commands: heads that move, quotes, permissions", []string{"TestCommandOnMovingHead", "TestCommandPermission", "TestCommandAgain", "command TestParse"}},
	18: {"rules that want signed commits", []string{"TestVerifiedCommits", "TestVerifiedInterrupted", "TestSignedCommits", "github TestCreateCommit"}},
	19: {"mass reviews of mechanical changes", []string{"TestGlobalMode", "plan TestGlobal"}},
	20: {"pull requests too large to read", []string{"TestDefaultSizes", "plan TestChunks"}},
}

// TestSuffering: every point has tests, and they exist.
func TestSuffering(t *testing.T) {
	tests := make(map[string]map[string]bool)
	for number, point := range suffering[1:] {
		if len(point.tests) == 0 {
			t.Errorf("%d, %s: no test", number+1, point.what)
		}
		for _, name := range point.tests {
			dir, name, found := strings.Cut(name, " ")
			if !found {
				dir, name = ".", dir
			}
			if tests[dir] == nil {
				tests[dir] = testsIn(t, dir)
			}
			if !tests[dir][name] {
				t.Errorf("%d, %s: there is no %s in %s", number+1, point.what, name, dir)
			}
		}
	}
}

func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}

// TestExactOwnerSets: files of two teams are one pull request of both, and
// neither is asked about files of the other alone.
func TestExactOwnerSets(t *testing.T) {
	files := shop()
	files[".github/CODEOWNERS"] = "/src/billing/ @acme/billing\n/src/search/ @acme/search\n/src/misc/ @acme/billing @acme/search\n"
	w := newWorld(t, files)
	w.pass()
	w.expect([]string{firstPulls[0], strings.Replace(firstPulls[1], "[acme/platform]", "[acme/billing acme/search]", 1), firstPulls[2]})
}

// TestReviewsAreRefused although everybody was looked up: it is told once and
// blocks nothing.
func TestReviewsAreRefused(t *testing.T) {
	w := newWorld(t, shop())
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/requested_reviewers") {
			return &githubsim.Fault{Status: http.StatusUnprocessableEntity, Message: "Reviews may only be requested from collaborators."}
		}
		return nil
	})
	w.pass()
	w.quiet()
	w.restart()
	w.quiet()
	var want []string
	for _, line := range firstPulls {
		line = strings.Replace(line, "[acme/platform]", "[]", 1) // GitHub itself asks those in CODEOWNERS
		want = append(want, strings.Replace(line, "0 comments", "1 comments", 1))
	}
	w.expect(want)
}

// TestOwnFaultsAreNoIssue: neither a GitHub that cannot be read nor a codemod
// that breaks is a fault of the configuration.
func TestOwnFaultsAreNoIssue(t *testing.T) {
	w := newWorld(t, shop())
	w.opts.Codemod = func(context.Context, codemod.Tree, codemod.Rules, codemod.Options) (*codemod.Result, error) {
		return nil, errors.New("broken")
	}
	w.restart()
	if _, err := w.try(); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("%v", err)
	}
	w.opts.Codemod = rewriteModels
	w.restart()
	w.sim.Fail(func(_ int, r *http.Request) *githubsim.Fault {
		if strings.HasSuffix(r.URL.Path, "/git-upload-pack") || strings.HasSuffix(r.URL.Path, "/info/refs") {
			return &githubsim.Fault{Status: http.StatusBadGateway}
		}
		return nil
	})
	if _, err := w.try(); err == nil {
		t.Error("an unreadable repository is no error")
	}
	issues, err := w.sim.Issues("acme", "shop")
	w.must(err)
	if len(issues) != 0 || len(w.pulls()) != 0 {
		t.Errorf("%d issues, %d pull requests", len(issues), len(w.pulls()))
	}
}

// TestStaleAnswers: a pull request that is merged after it was listed is not
// closed, updated or opened again on what the list said.
func TestStaleAnswers(t *testing.T) {
	w := newWorld(t, shop())
	w.pass()
	merge := w.pull("src/misc").Number
	var late bool
	w.opts.Codemod = func(ctx context.Context, tr codemod.Tree, r codemod.Rules, o codemod.Options) (*codemod.Result, error) {
		if !late { // the pass has listed pull requests and fetched; now the world moves on
			late = true
			w.must(w.sim.As("boss").Merge(full, merge, "squash"))
		}
		return rewriteModels(ctx, tr, r, o)
	}
	w.restart()
	w.quiet()
	w.quiet()
	want := slices.Clone(firstPulls)
	want[1] = strings.Replace(want[1], "open", "merged", 1)
	slices.Sort(want)
	w.expect(want)
}

// TestDefaultSizes: what a reviewer gets without any setting.
func TestDefaultSizes(t *testing.T) {
	files := map[string]string{config.Path: "facades: [app.models]\n", "src/app/models.py": "", ".github/CODEOWNERS": "* @acme/billing\n"}
	for i := range 70 {
		files[fmt.Sprintf("src/wide/f%02d.py", i)] = consumer(i)
	}
	for i := range 6 {
		files[fmt.Sprintf("src/long/f%d.py", i)] = strings.Repeat("from app.models import User\n", 60)
	}
	w := newWorld(t, files)
	w.opts.DryRun = true
	w.restart()
	out := w.quiet()
	total := 0
	for _, c := range out.Chunks {
		total += len(c.Files)
		if len(c.Files) > 30 || c.Lines > 400 || len(c.Files) < 3 {
			t.Errorf("%s: %d files, %d lines", c.Branch, len(c.Files), c.Lines)
		}
	}
	if total != 76 || len(out.Chunks) > 6 {
		t.Errorf("%d files in %d pull requests", total, len(out.Chunks))
	}
	if kinds(out) != fmt.Sprintf("open:2 wait:%d", len(out.Chunks)-2) {
		t.Errorf("%s; want two for one team", kinds(out))
	}
}
