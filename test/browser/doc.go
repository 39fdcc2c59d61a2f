// Package browser holds the tests that use jeton's pages as a person does: headless Chromium opens what the program serves, and the
// scripts beside this file click and type. They print what they read on the pages; the tests say what that should be.
//
// JETON_SCREENSHOTS names a folder, outside the repository, for pictures of every page in both colour schemes, as wide as a desk and
// as a phone.
//
// The race detector would see nothing here: the program that is tested is another process, built without it. The tests are left out
// of such runs, and this file remains, so that the package is there to be named.
package browser
