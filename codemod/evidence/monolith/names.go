package monolith

import (
	"slices"
	"strconv"
	"strings"
)

// nouns are the field of the code base; adjectives and verbs go with them.
var (
	nouns = strings.Fields(`user group project organization team release event issue alert rule
		integration repository commit author file artifact bundle member invite token key option
		counter environment deploy monitor checkin incident trigger action subscription snapshot
		report dashboard widget query search view avatar email identity provider plugin hook
		service account audit entry broadcast debug image dist distribution code mapping owner
		ownership context grouping hash enhancement inbox reason history link lookup message
		notification setting outbox profile relay usage replay sampling savedsearch scheduled
		deletion segment sentryapp component installation sessions stacktrace status tag tombstone
		transaction upload userip userrole value vital watch webhook`)
	adjectives = strings.Fields(`active archived base broken cached complex current default deleted
		dirty draft early empty external fresh major hidden inactive internal latest legacy local
		missing nested new open pending primary processed public queued raw recent regional remote
		resolved safe shared simple stale static strict total unknown unsafe valid visible weekly`)
	verbs = strings.Fields(`add apply archive assign build cache check clean collect compute create
		decode delete deliver encode expand fetch filter find flush format handle ingest load merge
		normalize notify parse process publish query record refresh remove render resolve restore
		save schedule send serialize split store sync track trigger update validate verify write`)
)

// modelName is the name of the i-th submodule of the facade.
func modelName(i int) string {
	n := nouns[i%len(nouns)]
	if i >= len(nouns) {
		n += nouns[(i*7+3)%len(nouns)]
	}
	return n
}

// className is a class name for the i-th thing of a kind.
func className(i int, kind string) string {
	return camel(adjectives[i%len(adjectives)]) + camel(nouns[(i*13+i/len(adjectives))%len(nouns)]) + kind
}

// declaredName is the k-th name that a submodule of the facade declares.
func declaredName(module string, k int) string {
	switch {
	case k == 0:
		return camel(module)
	case k%4 == 1:
		return camel(module) + camel(nouns[k*11%len(nouns)])
	case k%4 == 2:
		return verbs[k*7%len(verbs)] + "_" + module + "_" + strconv.Itoa(k)
	case k%4 == 3:
		return strings.ToUpper(module + "_" + adjectives[k*3%len(adjectives)])
	default:
		return camel(module) + camel(adjectives[k*5%len(adjectives)]) + "Manager"
	}
}

func camel(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// foreign is a name of the standard library.
type foreign struct{ module, name string }

// foreignNames are names of the standard library, all different, in an order
// that does not depend on the Python version.
func foreignNames() []foreign {
	var names []foreign
	for _, line := range strings.Split(strings.TrimSpace(standardLibrary), "\n") {
		module, list, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for _, name := range strings.Fields(list) {
			if !slices.Contains(nouns, strings.ToLower(name)) { // a model may have that name
				names = append(names, foreign{module, name})
			}
		}
	}
	return names
}

// standardLibrary lists names that every supported Python 3 has.
const standardLibrary = `
typing: AbstractSet AnyStr AsyncGenerator AsyncIterable AsyncIterator Awaitable BinaryIO Callable ChainMap ClassVar Collection Container ContextManager Coroutine Counter DefaultDict Deque Dict Final ForwardRef FrozenSet Generator Generic Hashable ItemsView Iterable Iterator KeysView List Literal Mapping MappingView Match MutableMapping MutableSequence MutableSet NamedTuple NewType NoReturn Optional OrderedDict
collections: UserDict UserList UserString defaultdict deque namedtuple
collections.abc: Reversible Sequence Sized ValuesView
contextlib: AbstractAsyncContextManager AbstractContextManager AsyncExitStack ContextDecorator ExitStack asynccontextmanager closing contextmanager nullcontext
dataclasses: Field FrozenInstanceError InitVar asdict astuple dataclass field fields is_dataclass
datetime: date datetime time timedelta timezone tzinfo
decimal: BasicContext Clamped Context Decimal DecimalException DecimalTuple DefaultContext DivisionByZero ExtendedContext FloatOperation Inexact InvalidOperation
enum: Enum EnumMeta Flag IntEnum IntFlag auto
functools: cached_property cmp_to_key lru_cache partial partialmethod reduce singledispatch singledispatchmethod total_ordering update_wrapper wraps
hashlib: algorithms_available algorithms_guaranteed blake2b blake2s pbkdf2_hmac sha1 sha224 sha256 sha384 sha3_224
itertools: accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse groupby islice permutations product repeat starmap takewhile zip_longest
json: JSONDecodeError JSONDecoder JSONEncoder dump dumps load loads
logging: BufferingFormatter FileHandler Filter Formatter Handler LogRecord Logger LoggerAdapter NullHandler StreamHandler addLevelName basicConfig captureWarnings critical debug disable error exception fatal getLevelName
math: acos acosh asin asinh atan atan2 atanh ceil comb copysign cosh degrees dist erfc expm1 fabs factorial floor fmod
operator: and_ attrgetter concat contains countOf delitem floordiv getitem iadd iand iconcat ifloordiv ilshift imatmul imod imul index indexOf invert ipow
os: abort access altsep chmod chown chroot close closerange confstr confstr_names
os.path: abspath basename commonpath commonprefix curdir defpath devnull dirname exists expanduser
pathlib: Path PurePath PurePosixPath PureWindowsPath
random: Random SystemRandom betavariate choice choices expovariate gammavariate gauss getrandbits getstate lognormvariate normalvariate
re: Pattern RegexFlag escape findall finditer fullmatch match purge search split
string: Template ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits printable punctuation
tempfile: NamedTemporaryFile SpooledTemporaryFile TemporaryDirectory TemporaryFile gettempdir gettempdirb gettempprefix gettempprefixb mkdtemp
textwrap: TextWrapper dedent fill indent shorten
threading: Barrier BoundedSemaphore BrokenBarrierError Condition Event ExceptHookArgs Lock RLock Semaphore Thread
time: altzone asctime clock_getres clock_gettime clock_gettime_ns clock_settime clock_settime_ns ctime daylight get_clock_info
traceback: FrameSummary StackSummary TracebackException clear_frames extract_stack extract_tb format_exc format_exception
types: AsyncGeneratorType BuiltinFunctionType BuiltinMethodType CellType ClassMethodDescriptorType CodeType CoroutineType DynamicClassAttribute FrameType FunctionType
urllib.parse: DefragResult DefragResultBytes ParseResult ParseResultBytes SplitResult SplitResultBytes parse_qs parse_qsl quote quote_from_bytes
uuid: SafeUUID bytes_ getnode int_ uuid1 uuid3 uuid4 uuid5
weakref: CallableProxyType ProxyType ProxyTypes ReferenceType WeakKeyDictionary WeakMethod WeakSet WeakValueDictionary
abc: ABCMeta abstractclassmethod abstractmethod abstractproperty
bisect: bisect bisect_left bisect_right insort insort_left insort_right
concurrent.futures: BrokenExecutor CancelledError Executor Future ProcessPoolExecutor ThreadPoolExecutor as_completed wait
csv: Dialect DictReader DictWriter Error Sniffer excel excel_tab field_size_limit get_dialect
email.utils: collapse_rfc2231_value decode_params decode_rfc2231 encode_rfc2231 format_datetime formataddr formatdate getaddresses
heapq: heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest
inspect: ArgInfo Arguments Attribute BlockFinder BoundArguments ClosureVars EndOfBlock FrameInfo FullArgSpec
io: BufferedIOBase BufferedRWPair BufferedRandom BufferedReader BufferedWriter BytesIO FileIO IOBase
ipaddress: AddressValueError IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network NetmaskValueError
secrets: compare_digest randbelow randbits token_bytes token_hex token_urlsafe
shutil: ExecError SameFileError SpecialFileError copy copy2 copyfile copyfileobj copymode copystat copytree
statistics: NormalDist StatisticsError fmean geometric_mean harmonic_mean mean
struct: Struct calcsize iter_unpack pack pack_into unpack
subprocess: CalledProcessError CompletedProcess Popen SubprocessError TimeoutExpired check_call check_output getoutput
unicodedata: bidirectional category combining decimal decomposition digit
`
