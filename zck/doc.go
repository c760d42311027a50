// Package zck is the room of the zchunk format: chunker, writer, reader and
// detached header. There is nothing in it yet; bundles carry whole payloads.
package zck
