package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// redraw is the least time between two drawings of the progress line: more often only costs time.
const redraw = 60 * time.Millisecond

// Screen is where a command tells a person what it does. It is safe for concurrent use.
type Screen struct {
	mu    sync.Mutex
	w     io.Writer
	fd    int
	tty   bool
	color bool
	stage string    // the stage whose line is shown, "" when there is none
	drawn time.Time // when the line was last drawn
}

// New returns a screen that writes to w. env looks up environment variables; TERM=dumb and a writer that is no
// terminal both mean plain lines.
func New(w io.Writer, env func(string) string) *Screen {
	s := &Screen{w: w, fd: -1}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && env("TERM") != "dumb" {
		s.fd, s.tty = int(f.Fd()), true
	}
	s.color = s.tty && env("NO_COLOR") == ""
	return s
}

// Interactive tells whether a person looks at a terminal.
func (s *Screen) Interactive() bool { return s.tty }

// Progress shows that stage has done done of total parts; total 0 means that the number of parts is unknown.
// On a terminal one line is redrawn, elsewhere each stage is named once as it begins.
func (s *Screen) Progress(stage string, done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stage = capital(stage)
	if !s.tty {
		if stage != s.stage {
			s.stage = stage
			fmt.Fprintln(s.w, stage)
		}
		return
	}
	text := stage
	if total > 0 {
		text = fmt.Sprintf("%s %s %d/%d", stage, bar(done, total, 20), done, total)
	}
	if stage == s.stage && time.Since(s.drawn) < redraw && done < total {
		return
	}
	s.stage, s.drawn = stage, time.Now()
	fmt.Fprint(s.w, "\r\x1b[K", clip(text, s.width()))
}

// Clear removes the progress line, so that what follows starts on a clean one.
func (s *Screen) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

// Println writes a line above the progress line.
func (s *Screen) Println(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintln(s.w, text)
}

// Printf writes a formatted line above the progress line.
func (s *Screen) Printf(format string, args ...any) { s.Println(fmt.Sprintf(format, args...)) }

func (s *Screen) clear() {
	if s.tty && s.stage != "" {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	s.stage = ""
}

func (s *Screen) width() int {
	if w, _, err := term.GetSize(s.fd); err == nil && w > 0 {
		return w
	}
	return 80
}

// bar draws a bar of cells characters of which done/total are filled.
func bar(done, total, cells int) string {
	filled := min(cells*done/total, cells)
	return "[" + strings.Repeat("#", filled) + strings.Repeat(".", cells-filled) + "]"
}

// capital begins a line as a sentence begins.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// clip cuts text to a width in characters: a progress line that wraps could not be redrawn.
func clip(text string, width int) string {
	runes := []rune(text)
	if len(runes) < width {
		return text
	}
	return string(runes[:width-1])
}

// Write writes a log's lines above the progress line. It implements io.Writer.
func (s *Screen) Write(text []byte) (int, error) {
	s.Println(strings.TrimSuffix(string(text), "\n"))
	return len(text), nil
}
