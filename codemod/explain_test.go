package codemod

import (
	"context"
	"fmt"
	"testing"
)

func TestExplain(t *testing.T) {
	tree := project(texts{
		"app/models/__init__.py": "from .user import *\nfrom .cart import Basket as Cart\nfrom .both import both\n",
		"app/models/cart.py":     "from app.base import Basket\n",
		"app/models/both.py":     "both = 1\n",
		"app/base.py":            "class Basket: pass\n",
	})
	for dotted, want := range map[string]string{
		"app.models.User":      "app.models User -> app.models.user:User  [{app.models app/models/__init__.py User} {app.models.user app/models/user.py User}] []",
		"app.models.User.name": "app.models User -> app.models.user:User  [{app.models app/models/__init__.py User} {app.models.user app/models/user.py User}] []",
		"Cart":                 "app.models Cart -> app.base:Basket  [{app.models app/models/__init__.py Cart} {app.models.cart app/models/cart.py Basket} {app.base app/base.py Basket}] []",
		"app.base.Basket":      "app.base Basket -> app.base:Basket declared-in-facade [] []",
		"app.models":           "app.models  -> app.models declared-in-facade [] []",
		"app.models.both":      "app.models both -> app.models.both:both  [{app.models app/models/__init__.py both} {app.models.both app/models/both.py both}] []",
		"app.models.Usr":       "app.models Usr ->  unresolved [] [User user]",
		"ap.models":            " ap.models ->  unresolved [] [app.models]",
	} {
		e, err := Explain(context.Background(), tree, Rules{Facades: []string{"app.models"}}, Options{}, dotted)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s %s -> %s %s %v %v", e.Module, e.Name, e.Home, e.Reason, e.Steps, e.Near); got != want {
			t.Errorf("%s:\n got %s\nwant %s", dotted, got, want)
		}
	}
}
