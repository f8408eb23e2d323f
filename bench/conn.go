package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"
)

const (
	maxHead = 64 << 10
	maxBody = 1 << 20
)

// conn is one keep-alive connection. It speaks just enough HTTP/1.1 for a
// server on the same machine: the generator shares the processors with what it
// measures, and net/http's client takes about twice the time for one exchange
// (BenchmarkExchange).
type conn struct {
	address  string
	deadline time.Time // of all its exchanges together
	socket   net.Conn
	reader   *bufio.Reader
	out      []byte
	head     []byte
	body     []byte
}

// request is what one exchange sends.
type request struct {
	method, path string
	bearer       string // access token, empty for none
	fields       string // further header lines, each ended by CRLF
	body         []byte // JSON unless fields name another Content-Type
}

// answer is valid until the connection's next exchange.
type answer struct {
	status int
	head   []byte
	body   []byte
}

var errNotLoopback = errors.New("only loopback addresses are load-tested")

// dial makes a connection to a loopback address. It connects at the first
// exchange, and again after a failed one.
func dial(address string, deadline time.Time) (*conn, error) {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !target.Addr().IsLoopback() {
		return nil, errNotLoopback
	}
	return &conn{address: address, deadline: deadline}, nil
}

// exchange sends r and reads the whole answer. After an error the connection
// is closed, and whether the server acted is unknown.
func (c *conn) exchange(r request) (answer, error) {
	if c.socket == nil {
		if err := c.connect(); err != nil {
			return answer{}, err
		}
	}
	c.out = r.append(c.out[:0], c.address)
	if _, err := c.socket.Write(c.out); err != nil {
		c.close()
		return answer{}, fmt.Errorf("send: %w", err)
	}
	a, last, err := c.read()
	if err != nil || last {
		c.close()
	}
	if err != nil {
		return answer{}, fmt.Errorf("receive: %w", err)
	}
	return a, nil
}

func (c *conn) connect() error {
	dialer := net.Dialer{Deadline: c.deadline}
	socket, err := dialer.Dial("tcp", c.address)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := socket.SetDeadline(c.deadline); err != nil {
		return errors.Join(err, socket.Close())
	}
	c.socket = socket
	if c.reader == nil {
		c.reader = bufio.NewReaderSize(socket, 16<<10)
	} else {
		c.reader.Reset(socket)
	}
	return nil
}

func (c *conn) close() {
	if c.socket != nil {
		_ = c.socket.Close() // nothing more is expected of it
		c.socket = nil
	}
}

func (r request) append(out []byte, host string) []byte {
	out = append(out, r.method...)
	out = append(out, ' ')
	out = append(out, r.path...)
	out = append(out, " HTTP/1.1\r\nHost: "...)
	out = append(out, host...)
	out = append(out, "\r\nUser-Agent: bench\r\n"...)
	if r.bearer != "" {
		out = append(out, "Authorization: Bearer "...)
		out = append(out, r.bearer...)
		out = append(out, "\r\n"...)
	}
	out = append(out, r.fields...)
	if r.body != nil {
		out = append(out, "Content-Length: "...)
		out = strconv.AppendInt(out, int64(len(r.body)), 10)
		out = append(out, "\r\n"...)
	}
	out = append(out, "\r\n"...)
	return append(out, r.body...)
}

// read reads one answer and says whether it is the connection's last.
func (c *conn) read() (answer, bool, error) {
	frame, err := c.readHead()
	if err != nil {
		return answer{}, false, err
	}
	c.body = c.body[:0]
	switch {
	case frame.status == 204 || frame.status == 304:
	case frame.chunked:
		err = c.readChunks()
	case frame.length >= 0:
		err = c.readBody(frame.length)
	default:
		err = errMalformedAnswer
	}
	return answer{status: frame.status, head: c.head, body: c.body}, frame.last, err
}

func (c *conn) readHead() (framing, error) {
	c.head = c.head[:0]
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return framing{}, err
		}
		if len(c.head)+len(line) > maxHead {
			return framing{}, errMalformedAnswer
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return parseHead(c.head)
		}
		c.head = append(c.head, line...)
	}
}

func (c *conn) readBody(length int) error {
	from := len(c.body)
	if length < 0 || from+length > maxBody {
		return errMalformedAnswer
	}
	if need := from + length; cap(c.body) < need {
		c.body = append(make([]byte, 0, 2*need), c.body...)
	}
	c.body = c.body[:from+length]
	_, err := io.ReadFull(c.reader, c.body[from:])
	return err
}

func (c *conn) readChunks() error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return errMalformedAnswer
		}
		if err := c.readBody(int(size)); err != nil {
			return err
		}
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return err
		}
		if len(bytes.TrimRight(line, "\r\n")) != 0 { // extensions and trailers: not from our server
			return errMalformedAnswer
		}
		if size == 0 {
			return nil
		}
	}
}
