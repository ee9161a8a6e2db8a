package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Kind tells apart the four packets of gitprotocol-common and gitprotocol-v2.
type Kind uint8

// The kinds of packet: data, and the three that carry none.
const (
	Data        Kind = iota
	Flush            // 0000: end of a message
	Delimiter        // 0001: end of a section
	ResponseEnd      // 0002: end of a response on a stateless connection
)

// maxPacket is the largest packet that gitprotocol-common allows, length included.
const maxPacket = 65520

// ErrMalformed marks a stream that is not the git protocol.
var ErrMalformed = errors.New("malformed git protocol stream")

// Reader reads packets (https://git-scm.com/docs/gitprotocol-common#_pkt_line_format).
type Reader struct {
	in  *bufio.Reader
	buf [maxPacket]byte
}

// NewReader reads packets from in.
func NewReader(in io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, maxPacket)}
}

// Next returns the next packet; its bytes are valid until the following call. The end of the stream between
// two packets is io.EOF, within one it is io.ErrUnexpectedEOF. A server's ERR packet is a *RemoteError.
func (r *Reader) Next() (Kind, []byte, error) {
	if _, err := io.ReadFull(r.in, r.buf[:4]); err != nil {
		return Flush, nil, err
	}
	size, err := strconv.ParseUint(string(r.buf[:4]), 16, 16)
	if err != nil {
		return Flush, nil, fmt.Errorf("%w: packet length %q", ErrMalformed, r.buf[:4])
	}
	switch {
	case size < 3:
		return Kind(size + 1), nil, nil
	case size == 3 || size > maxPacket:
		return Flush, nil, fmt.Errorf("%w: packet length %d", ErrMalformed, size)
	}
	payload := r.buf[:size-4]
	if _, err := io.ReadFull(r.in, payload); err != nil {
		return Flush, nil, unexpected(err)
	}
	if text, found := bytes.CutPrefix(payload, []byte("ERR ")); found {
		return Flush, nil, &RemoteError{Text: string(bytes.TrimSpace(text))}
	}
	return Data, payload, nil
}

// unexpected turns an end of stream within something into the error that says so.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Lines reads the data packets up to the next packet of another kind, without their line feeds.
func (r *Reader) Lines() (lines []string, end Kind, err error) {
	for {
		kind, payload, err := r.Next()
		if err != nil {
			return nil, kind, unexpected(err)
		}
		if kind != Data {
			return lines, kind, nil
		}
		lines = append(lines, string(bytes.TrimSuffix(payload, []byte("\n"))))
	}
}

// writer builds a request in memory: requests are small, and a retry sends the same bytes.
type writer struct{ bytes.Buffer }

func (w *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(w, "%04x%s\n", len(text)+5, text)
}

func (w *writer) flush()     { w.WriteString("0000") }
func (w *writer) delimiter() { w.WriteString("0001") }

// RemoteError is a complaint by the server.
type RemoteError struct{ Text string }

func (e *RemoteError) Error() string { return "the git server says: " + e.Text }

// sideband is the pack inside the packets of a "packfile" section: band 1 is the pack, band 2 progress that
// nobody reads here, band 3 a fatal error.
type sideband struct {
	packets *Reader
	rest    []byte
	err     error
	count   *int64
}

func (s *sideband) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.err == nil {
			s.rest, s.err = s.next()
		}
		if s.err != nil {
			return 0, s.err
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	*s.count += int64(n)
	return n, nil
}

func (s *sideband) next() ([]byte, error) {
	for {
		kind, payload, err := s.packets.Next()
		switch {
		case err != nil:
			return nil, unexpected(err)
		case kind != Data:
			return nil, io.EOF
		case len(payload) == 0:
			return nil, fmt.Errorf("%w: a packet without a band", ErrMalformed)
		}
		switch payload[0] {
		case 1:
			return payload[1:], nil
		case 2:
		case 3:
			return nil, &RemoteError{Text: string(bytes.TrimSpace(payload[1:]))}
		default:
			return nil, fmt.Errorf("%w: band %d", ErrMalformed, payload[0])
		}
	}
}
