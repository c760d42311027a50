package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxFunction is the longest a function may be in lines; the tables of tests may
// be longer.
const maxFunction = 80

// source is one Go file that is not a test, without its comments.
type source struct {
	path string
	code string
}

// sources reads all Go files of the module that are not tests.
func sources(t *testing.T) []source {
	t.Helper()
	var files []source
	walkGo(t, func(path string, data []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			files = append(files, source{path: path, code: withoutComments(string(data))})
		}
	})
	return files
}

func walkGo(t *testing.T, visit func(path string, data []byte)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		visit(filepath.ToSlash(rel), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// withoutComments drops whole-line comments, which may name what code may not.
func withoutComments(code string) string {
	var kept []string
	for line := range strings.Lines(code) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestFunctionsAreShort(t *testing.T) {
	walkGo(t, func(path string, data []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > maxFunction {
				t.Errorf("%s: %s has %d lines, %d are allowed", path, f.Name.Name, lines, maxFunction)
			}
		}
	})
}

func TestExportsAreDocumented(t *testing.T) {
	walkGo(t, func(path string, data []byte) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "cmd/") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, data, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Name.IsExported() && f.Doc == nil && exportsReceiver(f) {
				t.Errorf("%s: %s has no doc comment", set.Position(f.Pos()), f.Name.Name)
			}
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE && g.Doc == nil && exportsType(g) {
				t.Errorf("%s: an exported type has no doc comment", set.Position(g.Pos()))
			}
		}
	})
}

func exportsType(g *ast.GenDecl) bool {
	for _, spec := range g.Specs {
		if spec.(*ast.TypeSpec).Name.IsExported() {
			return true
		}
	}
	return false
}

// exportsReceiver tells whether a function or the type of a method is exported.
func exportsReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	name, ok := receiver.(*ast.Ident)
	return !ok || name.IsExported()
}
