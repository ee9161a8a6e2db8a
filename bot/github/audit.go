package github

import "context"

// Effect is one thing that was written, or was to be written, on GitHub.
type Effect struct {
	Installation int64
	Operation    string // "create pull request"
	Key          string // what tells it from others of its kind
	Error        string // why it was not done; "" if it was
}

// Audited tells who keeps the books of an effect; see Options.Audit.
func (c *Client) Audited(ctx context.Context, operation, key string, err error) {
	if c.app.opts.Audit != nil {
		c.app.opts.Audit(ctx, Effect{c.id, operation, key, errorText(err)})
	}
}
