// go-net: the search server as a competent person writes it in Go: `net`, a goroutine for each connection,
// `bufio` around it, and `encoding/json` for headers and contents, into and out of structures. Answers leave
// before the next read from the connection, so that those to requests that came together leave together.
//
// Prints `listening on 127.0.0.1:PORT` once it accepts connections.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
)

type header struct {
	ByteOrder       string `json:"byteorder"`
	ContentType     string `json:"content-type"`
	ContentEncoding string `json:"content-encoding"`
	ContentLength   int    `json:"content-length"`
}

type request struct {
	Action string `json:"action"`
	Value  string `json:"value"`
}

type answer struct {
	Result string `json:"result"`
}

var entries = map[string]string{
	"morpheus":   "Follow the white rabbit. \U0001F430",
	"ring":       "In the caves beneath the Misty Mountains. \U0001F48D",
	"\U0001F436": "\U0001F43E Playing ball! \U0001F3D0",
}

// Longer contents are refused, as Wireline does.
const maxContentLength = 32 << 20

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
	fmt.Printf("listening on %v\n", listener.Addr())
	for {
		connection, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "search:", err)
			os.Exit(1)
		}
		go serve(connection)
	}
}

// serve answers until the peer has no more requests, or breaks the protocol.
func serve(connection net.Conn) {
	defer connection.Close()
	writer := bufio.NewWriter(connection)
	reader := bufio.NewReader(flushing{connection, writer})
	var content []byte
	for {
		var err error
		content, err = readMessage(reader, content)
		if err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(content, &asked); err != nil {
			return
		}
		if err := writeMessage(writer, search(asked)); err != nil {
			return
		}
	}
}

// flushing reads from a connection, and before it waits for more it sends what was written.
type flushing struct {
	connection net.Conn
	writer     *bufio.Writer
}

func (f flushing) Read(bytes []byte) (int, error) {
	if err := f.writer.Flush(); err != nil {
		return 0, err
	}
	return f.connection.Read(bytes)
}

func search(asked request) answer {
	if asked.Action != "search" {
		return answer{fmt.Sprintf("Error: invalid action '%s'.", asked.Action)}
	}
	if text, found := entries[asked.Value]; found {
		return answer{text}
	}
	return answer{fmt.Sprintf("No match for '%s'.", asked.Value)}
}

// readMessage reads the content of one message, into the given memory where that is large enough.
func readMessage(reader *bufio.Reader, content []byte) ([]byte, error) {
	var prefix [2]byte
	if _, err := io.ReadFull(reader, prefix[:]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(prefix[:]))
	content = sized(content, length)
	if _, err := io.ReadFull(reader, content); err != nil {
		return nil, err
	}
	var head header
	if err := json.Unmarshal(content, &head); err != nil {
		return nil, err
	}
	if head.ContentLength < 0 || head.ContentLength > maxContentLength {
		return nil, fmt.Errorf("read a message: content-length is %d", head.ContentLength)
	}
	content = sized(content, head.ContentLength)
	_, err := io.ReadFull(reader, content)
	return content, err
}

// sized is the given memory at another length, or new memory where it is too small.
func sized(bytes []byte, length int) []byte {
	if cap(bytes) < length {
		return make([]byte, length)
	}
	return bytes[:length]
}

func writeMessage(writer *bufio.Writer, value answer) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	head, err := json.Marshal(header{"little", "text/json", "utf-8", len(content)})
	if err != nil {
		return err
	}
	var prefix [2]byte
	binary.BigEndian.PutUint16(prefix[:], uint16(len(head)))
	writer.Write(prefix[:]) // the first error of a bufio.Writer comes back from every later call
	writer.Write(head)
	_, err = writer.Write(content)
	return err
}
