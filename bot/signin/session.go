package signin

import (
	"crypto/sha256"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
)

// Person is who is signed in.
type Person struct {
	Login string
	Token string // of the person for this App: it reads what both may read
}

// The cookies: who somebody is, and what was sent along to GitHub.
const (
	personCookie = "canonicalize-person"
	stateCookie  = "canonicalize-state"
)

// How long a person stays signed in (GitHub's tokens of people last eight hours), and how long the way to GitHub and
// back may take.
const (
	personTime = 8 * time.Hour
	stateTime  = 10 * time.Minute
)

// jar seals cookies with keys derived from a secret.
type jar struct {
	person, state *securecookie.SecureCookie
	secure        bool // only over https
}

func newJar(secret []byte, secure bool) *jar {
	hash, block := sha256.Sum256(append([]byte("canonicalize cookies are signed\x00"), secret...)), sha256.Sum256(append([]byte("canonicalize cookies are sealed\x00"), secret...))
	seal := func(age time.Duration) *securecookie.SecureCookie {
		return securecookie.New(hash[:], block[:]).MaxAge(int(age.Seconds()))
	}
	return &jar{seal(personTime), seal(stateTime), secure}
}

func (j *jar) set(w http.ResponseWriter, name string, codec *securecookie.SecureCookie, value any, age time.Duration) error {
	text, err := codec.Encode(name, value)
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: text, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode})
	return nil
}

func (j *jar) clear(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode})
}

// read opens a cookie; false if there is none, it is too old, or somebody else made it.
func read(r *http.Request, name string, codec *securecookie.SecureCookie, into any) bool {
	c, err := r.Cookie(name)
	return err == nil && codec.Decode(name, c.Value, into) == nil
}
