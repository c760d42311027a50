// Package forecast tells what devices will download of a release, before there is
// one: as a full image, as a zchunk file and as an rdiff patch.
//
// Of takes a Target, the new release, and what is installed on devices, the Bases,
// and returns a Forecast: plain values with the numbers, a map of the chunks and
// the files that broke the reuse. NewTarget makes the Target where there is only
// an image: it compresses the chunks that somebody is going to download, and no
// others. PatchSize does the same for rdiff.
//
// What is counted is what SWUpdate's delta handler does: it cuts what is installed
// by itself, compares the digests of raw chunks, and asks for ranges of the file,
// a few in a request.
package forecast
