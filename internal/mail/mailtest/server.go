package mailtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/emersion/go-smtp"
)

// Mood is how a server treats whoever wants to send.
type Mood uint8

// The moods.
const (
	Accepts Mood = iota
	Hangs        // takes the call, and says nothing more until it is of another mood
	Defers       // 451: come again later
	Refuses      // 550: never
)

// Server is a mail server that keeps what it gets.
type Server struct {
	listener net.Listener
	smtp     *smtp.Server
	served   sync.WaitGroup

	mu      sync.Mutex
	mood    Mood
	changed chan struct{} // closed when the mood changes or a mail comes, and made anew
	kept    []Mail
	hanging int
	asked   int
}

// Serve starts a server on an address of this machine, such as 127.0.0.1:0.
func Serve(ctx context.Context, address string) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for mails: %w", err)
	}
	s := &Server{listener: listener, changed: make(chan struct{})}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.session))
	s.smtp.Domain = "localhost"
	s.served.Go(func() { _ = s.smtp.Serve(listener) }) // it ends by Close
	return s, nil
}

// Address is where it listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// URL is the setting that leads there.
func (s *Server) URL() string { return "smtp://" + s.Address() }

// Close ends it, and every conversation.
func (s *Server) Close() error {
	s.Become(Refuses) // lets go of whoever hangs
	err := s.smtp.Close()
	_ = s.listener.Close() // of which smtp knows only once it serves
	s.served.Wait()
	return err
}

// Become changes the mood. Whoever hangs goes on by the new one.
func (s *Server) Become(m Mood) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mood = m
	s.tell()
}

// tell wakes whoever waits for a change. s.mu is held.
func (s *Server) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Hanging is how many conversations are held up now.
func (s *Server) Hanging() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hanging
}

// Asked is how many conversations there have been.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// WaitFor waits until cond holds, which is asked again at every change.
func (s *Server) WaitFor(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Take waits for the oldest mail to an address and takes it out.
func (s *Server) Take(ctx context.Context, to string) (Mail, error) {
	var taken Mail
	err := s.WaitFor(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, m := range s.kept {
			if m.To == to {
				taken, s.kept = m, append(s.kept[:i:i], s.kept[i+1:]...)
				return true
			}
		}
		return false
	})
	if err != nil {
		return taken, fmt.Errorf("no mail came to %s: %w", to, err)
	}
	return taken, nil
}

// Kept are the mails that nobody has taken yet, oldest first.
func (s *Server) Kept() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.kept...)
}

// Count is how many mails nobody has taken yet.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// Forget drops what nobody has taken.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
}

// session begins a conversation: whoever hangs, hangs here.
func (s *Server) session(*smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.asked++
	s.hanging++
	s.tell()
	for s.mood == Hangs {
		changed := s.changed
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
	}
	s.hanging--
	s.mu.Unlock()
	return &conversation{server: s}, nil
}

type conversation struct {
	server *Server
	to     string
}

func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	switch c.server.mood {
	case Refuses:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	case Defers:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come again later"}
	case Accepts, Hangs:
	}
	c.to = to
	return nil
}

func (c *conversation) Data(r io.Reader) error {
	m, err := read(r)
	if err != nil {
		return err
	}
	m.To = c.to
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.kept = append(c.server.kept, m)
	c.server.tell()
	return nil
}

func (c *conversation) Reset() {}

func (c *conversation) Logout() error { return nil }
