package bot

import (
	"context"
	"testing"

	"github.com/canonicalize/canonicalize/bot/campaign"
	"github.com/canonicalize/canonicalize/bot/config"
	"github.com/canonicalize/canonicalize/bot/githubsim"
)

func (w *world) survey(name string) *campaign.Reading {
	w.t.Helper()
	r, err := w.bot.Survey(context.Background(), w.repo(name))
	w.must(err)
	return r
}

func (w *world) repo(name string) Repo {
	return Repo{Installation: int64(w.inst.ID), Owner: "acme", Name: name}
}

// TestSurvey: the numbers of a repository before, while and after its pull request is open, without one write.
func TestSurvey(t *testing.T) {
	w := newCampaign(t, "  - acme/core\n")
	ctx := context.Background()
	facade := func() campaign.Facade {
		t.Helper()
		w.sim.ForgetCalls()
		c := campaign.Of([]campaign.Reading{*w.survey("shop"), *w.survey("core")})
		if w.writes() != 0 {
			t.Errorf("a survey writes")
		}
		if len(c.Facades) != 1 || len(c.Problems) != 0 {
			t.Fatalf("%+v", c)
		}
		return c.Facades[0]
	}
	f := facade()
	if f.Provider != provider || f.Unread || f.Total.References != 1 || f.Total.Pulls[campaign.Waiting] != 1 {
		t.Errorf("before: %+v", f)
	}
	w.pass()
	if f = facade(); f.Total.Pulls[campaign.Open] != 1 || f.Rows[0].From != "the default branch" || len(f.Rows[0].Revision) != 40 {
		t.Errorf("open: %+v", f)
	}
	w.must(w.sim.As("boss").Close(full, w.pulls()[0].Number))
	if f = facade(); f.Total.Pulls[campaign.Declined] != 1 {
		t.Errorf("declined: %+v", f)
	}
	w.must(w.sim.As("boss").Reopen(full, w.pulls()[0].Number))
	w.must(w.sim.As("boss").Merge(full, w.pulls()[0].Number, "squash"))
	if f = facade(); !f.Unread || f.Total.Merged != 1 || f.Total.References != 0 || f.Rows[0].Pulls[campaign.Merged] != 1 {
		t.Errorf("merged: %+v", f)
	}
	// A repository without configuration may still read it.
	w.must(w.sim.AddRepo(githubsim.RepoSpec{Owner: "acme", Name: "web", Files: map[string]string{"web.py": "from core.models import User\nfrom core import models\nf(models)\n"}}))
	if r := w.survey("web"); r.Problem != "" || len(r.Facades) != 0 {
		t.Errorf("no configuration: %+v", r)
	}
	r, err := w.bot.SurveyProvider(ctx, w.repo("web"), provider, []string{"core.models", "core.newer"})
	w.must(err)
	if len(r.Facades) != 1 || r.Facades[0].References != 2 || len(r.Left) != 1 || len(r.Sources) != 1 {
		t.Errorf("reads %+v", r)
	}
}

// What cannot be read is a problem of its repository.
func TestSurveyProblem(t *testing.T) {
	w := newCampaign(t, "  - acme/nowhere\n")
	if r := w.survey("shop"); r.Problem == "" {
		t.Errorf("%+v", r)
	}
	w.push("dev", "main", map[string]string{config.Path: "facades: ["})
	if r := w.survey("shop"); r.Problem == "" {
		t.Errorf("%+v", r)
	}
}
