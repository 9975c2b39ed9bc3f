// Package watchfolder imports files that other programs put into folders.
//
// The nouns: a [Folder] is a directory with what its files hold; a file is taken when it is completely written, which
// is when nobody has written to it for the folder's Stable time. A file that is taken moves to .taking, is imported
// as a whole or not at all, and moves on to done or rejected with its report beside it, as text and as JSON. An alarm
// lasts for each file that lies in rejected, and for each that waits because the import could not be tried.
//
// It stores nothing but files in those folders. Lengths of time are [time.Duration].
//
// Guarantees: hidden files, files with the usual endings of unfinished ones, folders, symbolic links and everything
// else that is no regular file are left alone; a file is imported once, also when the program is killed at any
// moment: what lies in .taking at the start was taken before, and is only imported if the store does not say that it
// was ([Deps.Done]); no file is ever deleted or overwritten.
//
// # Why
//
// WFM tools export to a shared folder by night. Moving a file before it is read makes it ours: its writer cannot
// change it under the import, and whoever looks into the folder sees what was done. Looking again and again works on
// every file system; notifications of changes do not.
package watchfolder
