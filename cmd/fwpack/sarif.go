package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/pack"
	"github.com/fwpack/fwpack/template/swdesc/lint"
)

// The static analysis results interchange format (SARIF 2.1.0, OASIS), as far as
// annotations in a code review need it.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID            string             `json:"id"`
	Name          string             `json:"name"`
	Short         sarifText          `json:"shortDescription"`
	Help          sarifText          `json:"help"`
	HelpURI       string             `json:"helpUri"`
	Configuration sarifConfiguration `json:"defaultConfiguration"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId,omitempty"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

const homepage = "https://github.com/fwpack/fwpack"

// newSARIF tells the findings in SARIF's words. Those that the project allows
// are there too, as suppressed.
func newSARIF(findings []pack.Finding) sarifLog {
	results := []sarifResult{}
	for _, f := range findings {
		results = append(results, newSARIFResult(f))
	}
	driver := sarifDriver{Name: "fwpack", Version: version(), InformationURI: homepage, Rules: sarifRules()}
	return sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	}
}

func sarifRules() []sarifRule {
	var rules []sarifRule
	for _, r := range lint.Rules() {
		rules = append(rules, sarifRule{
			ID: r.ID, Name: r.Name, Short: sarifText{r.Why}, Help: sarifText{r.Hint},
			HelpURI:       fmt.Sprintf("%s/blob/main/docs/rules.md#%s-%s", homepage, strings.ToLower(r.ID), r.Name),
			Configuration: sarifConfiguration{r.Severity.String()},
		})
	}
	return rules
}

func newSARIFResult(f pack.Finding) sarifResult {
	text := f.Message
	for _, more := range []string{f.Why, f.Hint} {
		if more != "" {
			text += "\n" + more
		}
	}
	r := sarifResult{
		RuleID: f.Rule, Level: f.Severity.String(), Message: sarifText{text},
		Locations: []sarifLocation{{Physical: sarifPhysical{Artifact: sarifArtifact{uri(f.File)}}}},
	}
	if f.Line > 0 {
		r.Locations[0].Physical.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Column}
	}
	if f.Path != "" {
		r.Locations[0].Logical = []sarifLogical{{f.Path}}
	}
	if f.Allowed != "" {
		r.Suppressions = []sarifSuppression{{Kind: "external", Justification: f.Allowed}}
	}
	return r
}

// uri is a relative path as SARIF wants it.
func uri(path string) string {
	return strings.ReplaceAll(filepath.ToSlash(path), " ", "%20")
}
