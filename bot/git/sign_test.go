package git

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

// ssh-keygen, as git calls it, accepts the signature.
func TestSSHSignatures(t *testing.T) {
	for _, kind := range []string{"ed25519", "rsa", "ecdsa"} {
		t.Run(kind, func(t *testing.T) {
			folder := t.TempDir()
			run(t, folder, "ssh-keygen", "-q", "-t", kind, "-N", "pass", "-f", "key")
			key, err := os.ReadFile(filepath.Join(folder, "key"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := NewSigner(key, nil); err == nil {
				t.Error("a key with a passphrase was opened without it")
			}
			signer, err := NewSigner(key, []byte("pass"))
			if err != nil {
				t.Fatal(err)
			}
			s := newServer(t)
			base := s.commit("main", map[string]string{"a.py": "1\n"})
			m := s.openAt(base)
			sha, err := m.Commit(CommitSpec{Parent: base, Message: "signed\n", Author: someone, Sign: signer})
			if err != nil {
				t.Fatal(err)
			}
			mustPush(t, m, RefUpdate{Name: "refs/heads/signed", New: sha})
			public := run(t, folder, "cat", "key.pub")
			write(t, filepath.Join(folder, "allowed"), "bot@example.com "+public)
			run(t, s.dir, "git", "-c", "gpg.ssh.allowedSignersFile="+filepath.Join(folder, "allowed"), "verify-commit", sha)
			run(t, s.dir, "git", "fsck", "--strict")
		})
	}
}

func TestOpenPGPSignature(t *testing.T) {
	entity, err := openpgp.NewEntity("Bot", "", "bot@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	var key bytes.Buffer
	w, err := armor.Encode(&key, openpgp.PrivateKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := entity.SerializePrivate(w, nil); err != nil {
		t.Fatal(err)
	}
	w.Close()
	signer, err := NewSigner(key.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	base := s.commit("main", map[string]string{"a.py": "1\n"})
	m := s.openAt(base)
	sha, err := m.Commit(CommitSpec{Parent: base, Message: "signed\n", Author: someone, Sign: signer})
	if err != nil {
		t.Fatal(err)
	}
	mustPush(t, m, RefUpdate{Name: "refs/heads/signed", New: sha})
	run(t, s.dir, "git", "fsck", "--strict")
	raw := run(t, s.dir, "git", "cat-file", "commit", sha)
	before, rest, found := strings.Cut(raw, "gpgsig ")
	signature, message, ended := strings.Cut(rest, "-----END PGP SIGNATURE-----\n")
	if !found || !ended {
		t.Fatalf("the commit has no signature:\n%s", raw)
	}
	message = strings.TrimPrefix(message, " \n") // the blank line that ends the armor
	armored := strings.ReplaceAll(signature, "\n ", "\n") + "-----END PGP SIGNATURE-----\n"
	_, err = openpgp.CheckArmoredDetachedSignature(openpgp.EntityList{entity}, strings.NewReader(before+message), strings.NewReader(armored), nil)
	if err != nil {
		t.Errorf("%v in\n%s", err, raw)
	}
}

func TestBadSigningKeys(t *testing.T) {
	for _, key := range []string{"", "no key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n-----END PGP PRIVATE KEY BLOCK-----"} {
		if _, err := NewSigner([]byte(key), nil); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
}
