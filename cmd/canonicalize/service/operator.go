package service

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/canonicalize/canonicalize/bot/store"
)

// Operator is what an operator can see and do of a store. A store that a running server holds is reached through the
// address at which that serves its figures.
type Operator interface {
	Dead(ctx context.Context, limit int) ([]store.DeadJob, error)
	Revive(ctx context.Context, job int64) error
	Drop(ctx context.Context, job int64) error
	Effects(ctx context.Context, repository string, since time.Time, limit int) ([]store.Effect, error)
}

// OpenOperator opens the database, or else talks to the server that holds it, at metrics ("host:port"; "": nowhere).
// Close is the caller's to call.
func OpenOperator(ctx context.Context, address, metrics string) (Operator, func() error, error) {
	held, err := store.Probe(ctx, address)
	switch {
	case err != nil:
		return nil, nil, err
	case held && metrics == "":
		return nil, nil, errors.New("a running server holds the database: start that with CANONICALIZE_METRICS_ADDRESS and set the same here, or stop it")
	case held:
		return &remote{"http://" + metrics}, func() error { return nil }, nil
	}
	db, err := store.Open(ctx, slog.New(slog.DiscardHandler), address)
	if err != nil {
		return nil, nil, err
	}
	return db, db.Close, nil
}

// operatorHeader has to come with what changes something: no form of a web page can send it.
const operatorHeader = "X-Canonicalize-Operator"

// operatorHandler serves an operator's calls.
func operatorHandler(o Operator) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jobs", func(w http.ResponseWriter, r *http.Request) {
		limit, _ := strconv.Atoi(r.FormValue("limit")) // without a number none is listed
		jobs, err := o.Dead(r.Context(), limit)
		answer(w, jobs, err)
	})
	mux.HandleFunc("POST /jobs/{id}/{what}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		switch {
		case r.Header.Get(operatorHeader) == "" || err != nil:
			http.Error(w, "not an operator's call", http.StatusForbidden)
			return
		case r.PathValue("what") == "retry":
			err = o.Revive(r.Context(), id)
		case r.PathValue("what") == "drop":
			err = o.Drop(r.Context(), id)
		default:
			http.NotFound(w, r)
			return
		}
		answer(w, nil, err)
	})
	mux.HandleFunc("GET /audit", func(w http.ResponseWriter, r *http.Request) {
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		since, err := time.Parse(time.RFC3339, r.FormValue("since"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		effects, err := o.Effects(r.Context(), r.FormValue("repository"), since, limit)
		answer(w, effects, err)
	})
	return mux
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // who went away needs no answer
}
