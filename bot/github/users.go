package github

import (
	"context"
	"fmt"
)

// NoReply returns the address by which GitHub knows a user in a commit without telling their real one
// (https://docs.github.com/account-and-profile/reference/email-addresses-reference#your-noreply-email-address).
func (r *Repo) NoReply(ctx context.Context, login string) (string, error) {
	user, _, err := r.api.Users.Get(ctx, login)
	if err != nil {
		return "", explain(r.op("read the user %s", login), err)
	}
	return fmt.Sprintf("%d+%s@users.noreply.github.com", user.GetID(), user.GetLogin()), nil
}
