package web

import (
	"context"
	"net/http"
	"strings"
)

// Importer is a Source that also knows what importing facades executes.
type Importer interface {
	// Imports says it of each facade; nil while that is still being found out, or ErrNotFound.
	Imports(ctx context.Context, name string) ([]Import, error)
}

// Import is what importing one facade executes: as it is, and once the facades are retired.
type Import struct {
	Facade  string
	Modules Pair     // of the project
	Circle  Pair     // modules in the largest circle of imports
	Below   []Module // the most imported modules below the facade
	Picture []byte   // SVG
}

// Pair is a figure as it is, and as it would be once the facades are retired.
type Pair struct{ Now, Retired int }

// Module is how many modules importing one executes.
type Module struct {
	Name     string
	Imported int // modules that import it
	Executes Pair
}

// imports shows what importing the facades executes.
func (s *site) imports(r *http.Request) (string, *page, error) {
	name, p, err := s.repository("imports")(r)
	importer, ok := s.source.(Importer)
	if err != nil || !ok {
		return "", nil, orNotFound(err)
	}
	if p.Repo.Facades != nil {
		p.Imports, err = importer.Imports(r.Context(), p.Repo.Name)
		p.Wait = p.Imports == nil
	}
	return name, p, err
}

func orNotFound(err error) error {
	if err == nil {
		return ErrNotFound
	}
	return err
}

// picture is the drawing of one facade.
func (s *site) picture(w http.ResponseWriter, r *http.Request) {
	importer, ok := s.source.(Importer)
	facade, isSVG := strings.CutSuffix(r.PathValue("file"), ".svg")
	if !ok || !isSVG {
		http.NotFound(w, r)
		return
	}
	all, err := importer.Imports(r.Context(), repoName(r))
	for _, i := range all {
		if err == nil && i.Facade == facade {
			w.Header().Set("Content-Type", "image/svg+xml")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
			w.Write(i.Picture) // a reader that goes away is no fault
			return
		}
	}
	http.NotFound(w, r)
}
