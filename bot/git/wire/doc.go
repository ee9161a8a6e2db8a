// Package wire is the client's half of git's protocol version 2 over smart HTTP
// (https://git-scm.com/docs/gitprotocol-v2), as far as a mirror needs it:
//
//   - [Reader] reads packets, the units of the protocol;
//   - [Client.Capabilities] learns whether the server can filter;
//   - [Client.Refs] lists references by prefix, so that a repository with many branches costs nothing;
//   - [Client.Fetch] asks for commits, trees or single blobs by their SHA and streams the pack.
//
// It exists because go-git speaks version 0 only, where every fetch begins with all references, where objects
// other than the tips of branches cannot be asked for, and where trees do not come without their blobs.
package wire
