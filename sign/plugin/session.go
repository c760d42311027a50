package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
)

// session is one run of a program: requests go in line by line, and answers
// come out.
type session struct {
	*process
	out    *output
	writes sync.Mutex
	remove func()
}

// start runs the program with a verb.
func (p program) start(verb string) (*session, error) {
	dir, remove, err := workingDirectory(p.opt.TempDir)
	if err != nil {
		return nil, err
	}
	s := &session{out: newOutput(), remove: remove}
	s.process, err = start(p.ctx, p.name, p.file, []string{verb}, dir, p.opt, s.out)
	if err != nil {
		remove()
		return nil, err
	}
	return s, nil
}

// send writes a request without waiting for the program to read it. Its error
// does not matter: a program that has not read has ended, and says why, or does
// not answer.
func (s *session) send(request []byte) {
	go func() {
		s.writes.Lock()
		defer s.writes.Unlock()
		s.in.Write(request)
	}()
}

// answer waits for the next line.
func (s *session) answer() ([]byte, error) {
	for {
		if line, ok := s.out.line(); ok {
			return line, nil
		}
		if !s.await(s.out.arrived, s.out.full) {
			continue
		}
		if line, ok := s.out.line(); ok { // its last one
			return line, nil
		}
		if rest := bytes.TrimSpace(s.out.rest()); len(rest) > 0 && s.verdict() == nil {
			return rest, nil // nor is a last line without its end wrong
		}
		if err := s.failure(); err != nil {
			return nil, err
		}
		return nil, errors.New("ended without an answer")
	}
}

// finish tells the program that no more requests come, waits for its end and
// returns what it has still written.
func (s *session) finish() ([]byte, error) {
	go func() {
		s.writes.Lock()
		defer s.writes.Unlock()
		s.in.Close()
	}()
	s.await(nil, s.out.full)
	s.remove()
	return s.out.rest(), s.failure()
}

// abandon ends the program at once.
func (s *session) abandon() {
	s.stop(errors.New("abandoned"))
	<-s.done
	s.remove()
}

// failure says what was wrong with a program that has ended.
func (s *session) failure() error {
	if s.out.overflowed() {
		return errTooMuch
	}
	return s.verdict()
}

// ask runs verb with one request and returns all of the output.
func (p program) ask(verb string, request []byte) ([]byte, error) {
	s, err := p.start(verb)
	if err != nil {
		return nil, err
	}
	s.writes.Lock()
	go func() {
		defer s.writes.Unlock()
		s.in.Write(request)
	}()
	return s.finish()
}

// describe asks for the key.
func (p program) describe(request any) (description, error) {
	line, err := encode(request)
	if err != nil {
		return description{}, err
	}
	data, err := p.ask(VerbDescribe, line)
	if err != nil {
		return description{}, p.explain(VerbDescribe, err)
	}
	return parseDescription(data)
}

// explain adds what the status of an unknown verb means.
func (p program) explain(verb string, err error) error {
	var status *statusError
	if errors.As(err, &status) && status.status == StatusUnknownVerb {
		return fmt.Errorf("%w (the program does not know the verb %s: it is made for another version of the protocol)", err, verb)
	}
	return err
}
