// Addresses of XMPP with the libraries of Go: x/text/secure/precis for localpart and resourcepart, x/net/idna for the
// domainpart, which the XMPP libraries of Go are built on.
//
//	go-precis check FILE                one JSON object: how many of the addresses it takes
//	go-precis time FILE                 the protocol of bench/child.mjs: ranges in, CPU time out
//
// FILE holds a JSON array of addresses. A range is a number of passes over them.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
)

var (
	errEmpty    = errors.New("a part is empty")
	errLong     = errors.New("a part is too long")
	errExcluded = errors.New("an excluded character")
	domains     = idna.New(
		idna.MapForLookup(),
		idna.BidiRule(),
		idna.StrictDomainName(true),
		idna.Transitional(false),
	)
)

// prepare gives the canonical form: RFC 7622 as far as the libraries go.
func prepare(source string) (string, error) {
	bare, resource, hasResource := strings.Cut(source, "/")
	local, domain, hasLocal := strings.Cut(bare, "@")
	if !hasLocal {
		local, domain = "", bare
	}
	if (hasLocal && local == "") || domain == "" || (hasResource && resource == "") {
		return "", errEmpty
	}
	var err error
	if hasLocal {
		if local, err = precis.UsernameCaseMapped.String(local); err != nil {
			return "", err
		}
		if strings.ContainsAny(local, "\"&'/:<>@") {
			return "", errExcluded
		}
	}
	if !(strings.HasPrefix(domain, "[") && net.ParseIP(strings.Trim(domain, "[]")) != nil) {
		if domain, err = domains.ToUnicode(strings.TrimSuffix(domain, ".")); err != nil {
			return "", err
		}
	}
	if hasResource {
		if resource, err = precis.OpaqueString.String(resource); err != nil {
			return "", err
		}
	}
	if len(local) > 1023 || len(domain) > 1023 || len(resource) > 1023 {
		return "", errLong
	}
	result := make([]byte, 0, len(local)+len(domain)+len(resource)+2)
	if hasLocal {
		result = append(append(result, local...), '@')
	}
	result = append(result, domain...)
	if hasResource {
		result = append(append(result, '/'), resource...)
	}
	return string(result), nil
}

func cpuMicroseconds() int64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return (usage.Utime.Sec+usage.Stime.Sec)*1e6 + usage.Utime.Usec + usage.Stime.Usec
}

func main() {
	if len(os.Args) < 3 {
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[2])
	var sources []string
	if err != nil || json.Unmarshal(text, &sources) != nil {
		os.Exit(2)
	}
	if os.Args[1] == "check" {
		check(sources)
		return
	}
	fmt.Println(`{"ready":true}`)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && lines.Text() != "quit" {
		run(sources, lines.Text())
	}
}

func check(sources []string) {
	taken := 0
	reason := ""
	for _, source := range sources {
		if _, err := prepare(source); err == nil {
			taken++
		} else if reason == "" {
			reason = err.Error()
		}
	}
	answer(map[string]any{"count": len(sources), "taken": taken, "reason": reason})
}

func run(sources []string, line string) {
	start := time.Now()
	before := cpuMicroseconds()
	count, taken, read := 0, 0, 0
	ranges := strings.NewReader(line)
	var from, to int
	for {
		if _, err := fmt.Fscan(ranges, &from, &to); err != nil {
			break
		}
		for pass := from; pass < to; pass++ {
			for _, source := range sources {
				if result, err := prepare(source); err == nil {
					taken++
					read += len(result)
				}
			}
			count += len(sources)
		}
	}
	answer(map[string]any{
		"cpu":     cpuMicroseconds() - before,
		"wall":    float64(time.Since(start).Nanoseconds()) / 1000,
		"stanzas": count,
		"taken":   taken,
		"read":    read,
	})
}

func answer(value map[string]any) {
	text, _ := json.Marshal(value)
	fmt.Println(string(text))
}
