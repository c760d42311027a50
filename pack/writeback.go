package pack

// writebackStep is how much at a time the system is asked to write: enough to keep a
// disk at work, and for a slow one little to wait for.
const writebackStep = 8 << 20

// writeBack calls start for one step after another of a file that is final that far.
// What is left at the end is the rename's.
func writeBack(p *progress, start func(offset, size int64)) {
	for at := int64(0); ; at += writebackStep {
		if _, ended := p.wait(at + writebackStep - 1); ended {
			return
		}
		start(at, writebackStep)
	}
}
