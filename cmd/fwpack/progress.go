package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/fwpack/fwpack/pack"
)

const (
	// barDelay keeps short builds quiet.
	barDelay = time.Second
	barEvery = 200 * time.Millisecond
	barWidth = 30
)

// progress tells a person how a build gets on: a bar on a terminal, and one
// plain line for each finished payload elsewhere and above the bar.
type progress struct {
	s     surroundings
	meter *pack.Meter
	total int64
	begun time.Time
	quit  chan struct{}
	ended sync.WaitGroup

	mu    sync.Mutex // guards what is on the screen
	shown bool
}

// startProgress watches a build of plan until stop.
func startProgress(s surroundings, plan *pack.Plan) *progress {
	p := &progress{s: s, meter: new(pack.Meter), total: plan.SourceSize(), begun: s.now(), quit: make(chan struct{})}
	if s.interactive {
		p.ended.Go(p.draw)
	}
	return p
}

// stop takes the bar away. It may be called more than once.
func (p *progress) stop() {
	select {
	case <-p.quit:
		return
	default:
		close(p.quit)
	}
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) draw() {
	ticker := time.NewTicker(barEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-ticker.C:
		}
		elapsed := p.s.now().Sub(p.begun)
		if elapsed >= barDelay && p.meter.Done() > 0 { // not while a passphrase is awaited
			p.mu.Lock()
			p.clear()
			fmt.Fprint(p.s.stderr, bar(p.meter.Done(), p.total, elapsed))
			p.shown = true
			p.mu.Unlock()
		}
	}
}

// clear wipes the line of the bar.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.s.stderr, "\r\x1b[K")
		p.shown = false
	}
}

// packed prints the line of a finished payload.
func (p *progress) packed(payload pack.PackedPayload) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.s.stderr, payloadLine(payload))
}

// payloadLine is "rootfs: 1.0 GiB, zstd 309.2 MiB, AES-256-CBC".
func payloadLine(payload pack.PackedPayload) string {
	parts := []string{size(payload.SourceSize)}
	if payload.Compressed != "" {
		parts = append(parts, payload.Compressed+" "+size(payload.Size))
	}
	if payload.Encrypted != "" {
		parts = append(parts, payload.Encrypted)
	}
	return payload.Artifact + ": " + strings.Join(parts, ", ")
}

// bar is "[#####.....]  50%  512.0 MiB of 1.0 GiB, 380 MB/s".
func bar(done, total int64, elapsed time.Duration) string {
	if total == 0 {
		return ""
	}
	fraction := min(float64(done)/float64(total), 1)
	filled := int(fraction * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f%%  %s of %s, %.0f MB/s",
		strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled),
		fraction*100, size(done), size(total), float64(done)/1e6/elapsed.Seconds())
}

// size writes a number of bytes for people.
func size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	value, units := float64(n)/1024, "KMGTPE"
	for value >= 1023.95 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	return fmt.Sprintf("%.1f %ciB", value, units[0])
}
