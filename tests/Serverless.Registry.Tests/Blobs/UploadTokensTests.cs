using System.Buffers.Text;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Blobs;

public sealed class UploadTokensTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly RepositoryName s_repository = RepositoryName.Parse("team/app");

    private readonly FakeTimeProvider _time = new();
    private readonly UploadTokens _tokens;

    public UploadTokensTests() => _tokens = Tokens(new byte[32]);

    [Theory]
    [InlineData(DigestAlgorithm.Sha256, false)]
    [InlineData(DigestAlgorithm.Sha512, true)]
    public async Task A_token_comes_back_as_it_was_signed(DigestAlgorithm algorithm, bool hasRow)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1500));
        var token = _tokens.New(algorithm) with { HasRow = hasRow };
        Assert.Equal(_time.GetUtcNow() - TimeSpan.FromMilliseconds(500), token.StartedAt);
        Assert.Equal(token, await FindAsync(token.Id, await SignAsync(token)));
    }

    [Fact]
    public async Task A_token_is_good_on_another_instance_with_the_same_secret_only()
    {
        var token = _tokens.New(DigestAlgorithm.Sha256);
        var text = await SignAsync(token);
        Assert.Equal(token, await Tokens(new byte[32]).FindAsync(s_repository, token.Id, text, default));
        Assert.Null(await Tokens(Any.Content(32)).FindAsync(s_repository, token.Id, text, default));
    }

    [Fact]
    public async Task A_token_belongs_to_one_repository_and_one_session()
    {
        var token = _tokens.New(DigestAlgorithm.Sha256);
        var text = await SignAsync(token);
        Assert.Null(await _tokens.FindAsync(RepositoryName.Parse("team/other"), token.Id, text, default));
        Assert.Null(await _tokens.FindAsync(RepositoryName.Parse("team/ap"), token.Id, text, default));
        Assert.Null(await FindAsync(Guid.NewGuid(), text));
        Assert.NotNull(await FindAsync(token.Id, text));
    }

    [Fact]
    public async Task A_token_ends_with_its_lifetime()
    {
        var token = _tokens.New(DigestAlgorithm.Sha256);
        var text = await SignAsync(token);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.NotNull(await FindAsync(token.Id, text));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await FindAsync(token.Id, text));
    }

    [Fact]
    public async Task A_text_of_another_length_or_alphabet_is_refused()
    {
        var token = _tokens.New(DigestAlgorithm.Sha256);
        var text = await SignAsync(token);
        for (var length = 0; length < text.Length; length++) Assert.Null(await FindAsync(token.Id, text[..length]));
        string[] wrong = [text + "A", text + "=", text + "\n", " " + text[1..], text[..^1] + "=", text[..^1] + "\n", text[..^1] + "+", text[..^1] + "\u00e4", new('A', text.Length)];
        foreach (var w in wrong) Assert.Null(await FindAsync(token.Id, w));
    }

    [Fact]
    public async Task A_token_with_one_character_changed_is_refused()
    {
        var token = _tokens.New(DigestAlgorithm.Sha256);
        var text = await SignAsync(token);
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var c in Alphabet.Where(c => c != text[i])) Assert.Null(await FindAsync(token.Id, text[..i] + c + text[(i + 1)..]));
        }
    }

    [Fact]
    public async Task A_token_with_some_bits_of_a_byte_changed_is_refused()
    {
        var token = _tokens.New(DigestAlgorithm.Sha256);
        var valid = Base64Url.DecodeFromChars(await SignAsync(token));
        var changes = from position in Gen.Choose(0, valid.Length - 1) from bits in Gen.Choose(1, 255) select (position, bits);
        foreach (var (position, bits) in changes.Sample(1000))
        {
            var bytes = valid.ToArray();
            bytes[position] ^= (byte)bits;
            Assert.Null(await FindAsync(token.Id, Base64Url.EncodeToString(bytes)));
        }
    }

    private UploadTokens Tokens(byte[] secret) =>
        new(new SharedSecret(new InMemoryTableStore(_time), "upload", secret), _time, TimeSpan.FromHours(1));

    private async Task<string> SignAsync(UploadToken token) => await _tokens.SignAsync(s_repository, token, default);

    private async Task<UploadToken?> FindAsync(Guid id, string text) => await _tokens.FindAsync(s_repository, id, text, default);
}
