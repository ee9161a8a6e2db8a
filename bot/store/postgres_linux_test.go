package store

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// cluster is a private Postgres that listens on a socket in a temporary folder.
type cluster struct {
	dir     string
	process *os.Process
	ended   chan error
}

// startCluster returns nil and the reason where Postgres is not installed.
func startCluster() (*cluster, string, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		bins = append(bins, path)
	}
	if len(bins) == 0 {
		return nil, "Postgres is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin)", nil
	}
	bin := filepath.Dir(bins[len(bins)-1])
	dir, err := os.MkdirTemp("", "canonicalize-postgres-")
	if err != nil {
		return nil, "", err
	}
	c := &cluster{dir: dir, ended: make(chan error, 1)}
	if err := c.start(bin); err != nil {
		return nil, "", fmt.Errorf("start Postgres from %s: %w", bin, err)
	}
	return c, "", nil
}

func (c *cluster) start(bin string) error {
	attr, err := unprivileged(c.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "tester", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	initdb.SysProcAttr, initdb.Dir = attr, c.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "log_min_messages=log")
	server.SysProcAttr, server.Dir = attr, c.dir
	stderr, err := server.StderrPipe()
	if err != nil {
		return err
	}
	started := make(chan error)
	go func() {
		// The death signal comes with the end of the thread that forked.
		runtime.LockOSThread()
		started <- server.Start()
		select {}
	}()
	if err := <-started; err != nil {
		return err
	}
	c.process = server.Process
	return c.awaitReady(server, stderr)
}

// awaitReady reads the server's log until it says that it takes connections.
func (c *cluster) awaitReady(server *exec.Cmd, stderr io.Reader) error {
	var log bytes.Buffer
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			go func() {
				_, _ = io.Copy(io.Discard, stderr)
				c.ended <- server.Wait()
			}()
			return nil
		}
	}
	return fmt.Errorf("postgres ended early: %w\n%s", server.Wait(), log.String())
}

// unprivileged gives dir to a user that Postgres agrees to run as, since it
// refuses to run as root.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("Postgres does not run as root, and there is neither a user postgres nor nobody: %w", err)
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, uid, gid)
}

func (c *cluster) stop() {
	_ = c.process.Signal(syscall.SIGINT)
	<-c.ended
	_ = os.RemoveAll(c.dir)
}

func (c *cluster) url(database string) string {
	return "postgres:///" + database + "?user=tester&host=" + c.dir
}

// create makes an empty database for one test and returns its URL.
func (c *cluster) create(t *testing.T, name string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	return c.url(name)
}
