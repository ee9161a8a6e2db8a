package githubsim

// Roles of a repository, weakest first.
var roles = []string{"none", "pull", "triage", "push", "maintain", "admin"}

func rank(role string) int {
	for i, r := range roles {
		if r == role {
			return i
		}
	}
	return 0
}

// role is the strongest role that an account has on a repository.
func (r *repo) role(a *account) string {
	if a == nil {
		return publicRole(r)
	}
	best := r.collaborators[a]
	if r.owner == a || r.owner.members[a] == "admin" {
		best = "admin"
	}
	for _, t := range r.owner.teams {
		if t.members[a] != "" && rank(t.access[r]) > rank(best) {
			best = t.access[r]
		}
	}
	if rank(best) == 0 {
		return publicRole(r)
	}
	return best
}

func publicRole(r *repo) string {
	if r.private {
		return "none"
	}
	return "pull"
}

// isCollaborator tells whether a was given access, by itself or by a team.
func (r *repo) isCollaborator(a *account) bool {
	if r.collaborators[a] != "" || r.owner == a || r.owner.members[a] == "admin" {
		return true
	}
	for _, t := range r.owner.teams {
		if t.members[a] != "" && t.access[r] != "" {
			return true
		}
	}
	return false
}

// association is the author_association of an account; it says nothing about
// permissions.
func (r *repo) association(a *account) string {
	switch {
	case a == nil:
		return "NONE"
	case r.owner == a:
		return "OWNER"
	case r.owner.members[a] != "":
		return "MEMBER"
	case r.collaborators[a] != "":
		return "COLLABORATOR"
	}
	for _, p := range r.pulls() {
		if p.user == a && !p.merged.IsZero() {
			return "CONTRIBUTOR"
		}
	}
	return "NONE"
}
