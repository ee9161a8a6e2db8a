package github

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxAnswer is the size in bytes of the largest answer that is read: a page of 100 pull requests with their texts has
// some 3 MB.
const maxAnswer = 32 << 20

// home lets requests through to one server alone, whoever signed them: the API redirects where a repository was renamed
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects), and neither
// a token nor what the App signs with its key may come to anybody else.
type home struct {
	next http.RoundTripper
	at   *url.URL
}

func (h *home) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != h.at.Scheme || req.URL.Host != h.at.Host {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, fmt.Errorf("%w to %s://%s", errAbroad, req.URL.Scheme, req.URL.Host)
	}
	return h.next.RoundTrip(req)
}

// readAnswer reads a body up to maxAnswer.
func readAnswer(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err == nil && len(data) > maxAnswer {
		return nil, errTooLong
	}
	return data, err
}
