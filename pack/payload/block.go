package payload

import (
	"sync"
	"sync/atomic"
)

// blockSize lets a block stay in a processor's cache between being filled,
// digested and written.
const blockSize = 256 << 10

// block is a piece of a payload on its way.
type block struct {
	data  []byte
	users atomic.Int32 // goroutines that still need it
}

// blocks are used by one run after the other: for small payloads fresh memory
// would cost more than all that is done with them.
var blocks = sync.Pool{New: func() any { return &block{data: make([]byte, 0, blockSize)} }}

// takeBlock returns an empty block.
func takeBlock() *block {
	b := blocks.Get().(*block)
	b.data = b.data[:0]
	return b
}

// giveBlock takes back a block that nobody uses any more.
func giveBlock(b *block) {
	blocks.Put(b)
}
