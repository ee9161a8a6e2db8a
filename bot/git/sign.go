package git

import (
	"bytes"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"golang.org/x/crypto/ssh"
)

// Signer signs commits. Sign gets the encoded commit without a signature and returns an armored one.
type Signer interface {
	Sign(commit []byte) (string, error)
}

// NewSigner reads a private key: an armored OpenPGP key, or an SSH key in OpenSSH or PEM form. The passphrase is
// empty for a key without one.
func NewSigner(key, passphrase []byte) (Signer, error) {
	if bytes.Contains(key, []byte("BEGIN PGP PRIVATE KEY BLOCK")) {
		return newPGP(key, passphrase)
	}
	return newSSH(key, passphrase)
}

type pgpSigner struct{ entity *openpgp.Entity }

func newPGP(key, passphrase []byte) (Signer, error) {
	ring, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(key))
	if err != nil {
		return nil, fmt.Errorf("read the OpenPGP signing key: %w", err)
	}
	if len(ring) != 1 || ring[0].PrivateKey == nil {
		return nil, errors.New("the OpenPGP signing key must be exactly one private key")
	}
	if ring[0].PrivateKey.Encrypted {
		if err := ring[0].DecryptPrivateKeys(passphrase); err != nil {
			return nil, fmt.Errorf("open the OpenPGP signing key with its passphrase: %w", err)
		}
	}
	return pgpSigner{ring[0]}, nil
}

func (s pgpSigner) Sign(commit []byte) (string, error) {
	var out bytes.Buffer
	if err := openpgp.ArmoredDetachSign(&out, s.entity, bytes.NewReader(commit), nil); err != nil {
		return "", err
	}
	return out.String() + "\n", nil
}

type sshSigner struct{ key ssh.Signer }

func newSSH(key, passphrase []byte) (Signer, error) {
	var signer ssh.Signer
	var err error
	if len(passphrase) > 0 {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(key, passphrase)
	} else {
		signer, err = ssh.ParsePrivateKey(key)
	}
	if err != nil {
		return nil, fmt.Errorf("read the signing key (an armored OpenPGP or an SSH private key): %w", err)
	}
	return sshSigner{signer}, nil
}

// Sign makes an SSHSIG in the namespace "git"
// (https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig).
func (s sshSigner) Sign(commit []byte) (string, error) {
	const magic, namespace, hash = "SSHSIG", "git", "sha512"
	digest := sha512.Sum512(commit)
	signed := append([]byte(magic), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{namespace, "", hash, digest[:]})...)
	signature, err := s.sign(signed)
	if err != nil {
		return "", err
	}
	blob := append([]byte(magic), ssh.Marshal(struct {
		Version                   uint32
		Key                       []byte
		Namespace, Reserved, Hash string
		Signature                 []byte
	}{1, s.key.PublicKey().Marshal(), namespace, "", hash, ssh.Marshal(signature)})...)
	return armorSSH(blob), nil
}

// sign avoids the SHA-1 signatures that RSA keys make by default and SSHSIG forbids.
func (s sshSigner) sign(data []byte) (*ssh.Signature, error) {
	if algorithms, ok := s.key.(ssh.AlgorithmSigner); ok && s.key.PublicKey().Type() == ssh.KeyAlgoRSA {
		return algorithms.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
	}
	return s.key.Sign(rand.Reader, data)
}

func armorSSH(blob []byte) string {
	const width = 70
	text := base64.StdEncoding.EncodeToString(blob)
	var out strings.Builder
	out.WriteString("-----BEGIN SSH SIGNATURE-----\n")
	for len(text) > 0 {
		n := min(width, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	out.WriteString("-----END SSH SIGNATURE-----\n")
	return out.String()
}
