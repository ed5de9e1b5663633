: not 0 = ;
: clear dup 0 do 0 i ! loop drop ;
: cross-out dup dup + begin dup 4095 < while dup 1 swap ! over + repeat drop drop ;
: sieve 4095 clear 64 2 do i @ not if i cross-out then loop ;
: count-primes 0 4095 2 do i @ not if 1 + then loop ;
: collatz 0 swap begin dup 1 > while dup 2 mod if 3 * 1 + else 2 / then swap 1 + swap repeat drop ;
: longest 0 swap 1 do i collatz over over < if swap then drop loop ;
sieve count-primes .
