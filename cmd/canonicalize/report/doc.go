// Package report tells what the codemod found: shapes.go and json.go for programs (what --json prints, which schema.json
// describes), text.go for people, findings.go what lint says, status.go a campaign.
package report
