package payload

// maxZstdLevel is the highest level of zstd that any build takes, and zstdTooWide
// why: the windows of the levels behind it are of 32, 64 and 128 MiB (zstd 1.5,
// clevels.h), while 8 MiB is what every decoder is to support (RFC 8878 section
// 3.1.1.1.2) and a small device has.
const (
	maxZstdLevel = 19
	zstdTooWide  = "from 20 on a device needs a window of 32 MiB and more, and 8 MiB is what each can read"
)
