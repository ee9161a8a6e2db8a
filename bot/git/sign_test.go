package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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

// gpg, as git calls it, accepts the signature; without it nothing is shown.
func TestOpenPGPSignatures(t *testing.T) {
	gpg, err := exec.LookPath("gpg")
	if err != nil {
		t.Skip("NOT RUN: gpg is not installed")
	}
	for kind, passphrase := range map[string]string{"rsa3072": "", "ed25519": "pass"} {
		t.Run(kind, func(t *testing.T) {
			home, err := os.MkdirTemp("", "gpg") // the agent's socket wants a short path
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("GNUPGHOME", home)
			t.Cleanup(func() {
				_ = exec.Command("gpgconf", "--kill", "all").Run()
				_ = os.RemoveAll(home)
			})
			run(t, home, gpg, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase, "--quick-gen-key", "Bot <bot@example.com>", kind, "sign", "never")
			key := run(t, home, gpg, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase, "--armor", "--export-secret-keys", "bot@example.com")
			signer, err := NewSigner([]byte(key), []byte(passphrase))
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
			run(t, s.dir, "git", "verify-commit", sha)
			run(t, s.dir, "git", "fsck", "--strict")
		})
	}
}

func TestBadSigningKeys(t *testing.T) {
	for _, key := range []string{"", "no key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n-----END PGP PRIVATE KEY BLOCK-----"} {
		if _, err := NewSigner([]byte(key), nil); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
}
