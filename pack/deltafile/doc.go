// Package deltafile makes, checks and applies the files of delta updates: zchunk
// files and their headers, rdiff's signatures and patches. Create and Delta make
// what a release ships; Forecast tells beforehand what devices will download of
// it. CutHeader, Unpack, Verify, Signature and Patch are what is left to do with
// such files.
//
// Outputs are complete or absent, and what has to wait until it can be written
// waits in the folder of the output. What is there under the name of an output
// stays until the new file is complete, so that an output may also be an input.
package deltafile
