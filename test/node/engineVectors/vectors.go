// Vectors of the embedded engine's rules, by CometBFT 0.38.26's own functions:
// rotations of proposers, block times, blocks' hashes and part set headers, bytes that transactions have.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"sort"
	"time"

	"github.com/cometbft/cometbft/crypto/secp256k1"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	"github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"
)

type validator struct {
	Key   string `json:"key"`
	Power int64  `json:"power"`
}
type rotation struct {
	Validators []validator `json:"validators"`
	Order      []int       `json:"order"`
	Rounds     [][]int     `json:"rounds"`
}
type vote struct {
	Flag  int    `json:"flag"`
	Nanos string `json:"nanos"`
	Power int64  `json:"power"`
}
type median struct {
	Votes []vote `json:"votes"`
	Nanos string `json:"nanos"`
}
type block struct {
	Transactions []int  `json:"transactions"`
	Flags        []int  `json:"flags"`
	Round        int32  `json:"round"`
	Height       int64  `json:"height"`
	HeaderHash   string `json:"headerHash"`
	Total        uint32 `json:"total"`
	PartsHash    string `json:"partsHash"`
	SignBytes    string `json:"signBytes"`
}

func key(name string) secp256k1.PubKey {
	h := sha256.Sum256([]byte(name))
	return secp256k1.PrivKey(h[:]).PubKey().(secp256k1.PubKey)
}
func set(s int, powers []int64) ([]validator, []*types.Validator) {
	var out []validator
	var vals []*types.Validator
	for i, p := range powers {
		k := key(fmt.Sprintf("proposers %d %d", s, i))
		vals = append(vals, types.NewValidator(k, p))
		out = append(out, validator{hex.EncodeToString(k.Bytes()), p})
	}
	return out, vals
}
func rotations() []rotation {
	sets := [][]int64{{1, 1, 1, 1}, {3, 1}, {1}, {5, 5, 5, 2, 2, 1}, {10, 1, 1, 1, 1, 1, 1}, {2, 2, 1, 1}, {7, 3, 3, 2}, {1000000007, 999999937, 3}}
	var out []rotation
	for s, powers := range sets {
		var c rotation
		named, vals := set(s, powers)
		c.Validators = named
		vs := types.NewValidatorSet(vals)
		for _, v := range vs.Validators {
			for i, n := range named {
				if n.Key == hex.EncodeToString(v.PubKey.Bytes()) {
					c.Order = append(c.Order, i)
				}
			}
		}
		for h := 0; h < 16; h++ {
			var r []int
			for round := 0; round < 3; round++ {
				cp := vs.Copy()
				if round > 0 {
					cp.IncrementProposerPriority(int32(round))
				}
				i, _ := cp.GetByAddress(cp.GetProposer().Address)
				r = append(r, int(i))
			}
			c.Rounds = append(c.Rounds, r)
			vs.IncrementProposerPriority(1)
		}
		out = append(out, c)
	}
	return out
}
func medians() []median {
	r := rand.New(rand.NewSource(38))
	var out []median
	for n := 0; n < 24; n++ {
		count := 1 + r.Intn(7)
		powers := make([]int64, count)
		for i := range powers {
			powers[i] = 1 + int64(r.Intn(4))
		}
		sort.Slice(powers, func(i, j int) bool { return powers[i] > powers[j] })
		_, vals := set(100+n, powers)
		vs := types.NewValidatorSet(vals)
		commit := &types.Commit{Height: 1}
		var m median
		for i, v := range vs.Validators {
			flag := []types.BlockIDFlag{2, 2, 2, 3, 1}[r.Intn(5)]
			if i == 0 {
				flag = 2
			}
			at := int64(1800000000000000000) + int64(r.Intn(6))*1000000007
			if flag == 1 {
				commit.Signatures = append(commit.Signatures, types.NewCommitSigAbsent())
			} else {
				commit.Signatures = append(commit.Signatures, types.CommitSig{BlockIDFlag: flag, ValidatorAddress: v.Address, Timestamp: time.Unix(0, at).UTC(), Signature: []byte{1}})
			}
			m.Votes = append(m.Votes, vote{int(flag), fmt.Sprint(at), v.VotingPower})
		}
		t, err := state.MedianTime(commit, vs)
		if err != nil {
			panic(err)
		}
		m.Nanos = fmt.Sprint(t.UnixNano())
		out = append(out, m)
	}
	return out
}
func filled(n int, b byte) []byte {
	x := make([]byte, n)
	for i := range x {
		x[i] = b
	}
	return x
}
func blocks() []block {
	var out []block
	for n, c := range []struct {
		txs   []int
		flags []int
		round int32
		h     int64
	}{{nil, nil, 0, 1}, {[]int{1, 127, 128, 300}, nil, 0, 1}, {nil, []int{2, 2, 2, 2}, 0, 2}, {[]int{70000, 1}, []int{2, 1, 2, 2}, 3, 9}, {[]int{16383, 16384, 65535, 65536, 100000}, []int{2, 3, 2, 2}, 200, 1 << 40}} {
		var txs []types.Tx
		for i, l := range c.txs {
			txs = append(txs, filled(l, byte(i+1)))
		}
		parent := types.BlockID{}
		commit := &types.Commit{}
		if c.flags != nil {
			parent = types.BlockID{Hash: filled(32, 7), PartSetHeader: types.PartSetHeader{Total: 3, Hash: filled(32, 8)}}
			commit = &types.Commit{Height: c.h - 1, Round: c.round, BlockID: parent}
			for i, f := range c.flags {
				if f == 1 {
					commit.Signatures = append(commit.Signatures, types.NewCommitSigAbsent())
				} else {
					commit.Signatures = append(commit.Signatures, types.CommitSig{BlockIDFlag: types.BlockIDFlag(f), ValidatorAddress: filled(20, byte(i+1)), Timestamp: time.Unix(1800000000+int64(i), int64(i)*999).UTC(), Signature: filled(64, byte(i + 9))})
				}
			}
		}
		b := types.MakeBlock(c.h, txs, commit, nil)
		b.Header.Populate(cmtversion.Consensus{Block: 11, App: 1}, "vectors", time.Unix(1800000000, 5).UTC(), parent, filled(32, 1), filled(32, 2), filled(32, 3), filled(32, 4), filled(32, 5), filled(20, 6))
		ps, err := b.MakePartSet(types.BlockPartSizeBytes)
		if err != nil {
			panic(err)
		}
		id := types.BlockID{Hash: b.Hash(), PartSetHeader: ps.Header()}
		v := &cmtproto.Vote{Type: cmtproto.PrecommitType, Height: c.h, Round: c.round, BlockID: id.ToProto(), Timestamp: time.Unix(1800000001, 7).UTC()}
		_ = n
		out = append(out, block{c.txs, c.flags, c.round, c.h, hex.EncodeToString(b.Hash()), ps.Total(), hex.EncodeToString(ps.Hash()), hex.EncodeToString(types.VoteSignBytes("vectors", v))})
	}
	return out
}
func main() {
	data := [][2]int64{}
	for _, n := range []int{1, 4, 16, 64} {
		data = append(data, [2]int64{int64(n), types.MaxDataBytes(1<<19, 0, n)})
	}
	out, _ := json.Marshal(map[string]any{"rotations": rotations(), "medians": medians(), "blocks": blocks(), "dataBytes": data})
	os.Stdout.Write(out)
}
