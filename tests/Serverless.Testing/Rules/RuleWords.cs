using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Registry.Oci;

namespace Serverless.Testing.Rules;

/// <summary>The words that rules use for things that have long names, or other names in every run.</summary>
/// <remarks>
/// <code>
/// {app}                            the repository
/// {image}, {layer}                 the digest of a manifest or blob of <see cref="KnownContent"/>
/// {image.bytes}, {image.size}      its content and length
/// {sha256 TEXT}, {sha512 TEXT}     the digest of a text
/// {descriptor}                     the descriptor of the config
/// {base}                           the digest of the blob that only the repository "base" has
/// {zeros}                          a digest that nothing has
/// {upload}, {upload.id}            an upload that has just begun: its location, and its id
/// {begun}                          the location of an upload that has the three bytes "abc"
/// {first}                          the location where another such upload began
/// {used}                           the location of an upload of "abc" to which "def" has come by now
/// {basic}                          the credentials of the one account that there is
/// {token SCOPES}                   a token for it
/// {blank}                          the location where an upload began to which a chunk of no bytes has come
/// {ended}                          the last location of an upload that has ended
/// {long N}                         N letters
/// </code>
/// </remarks>
public sealed partial class RuleWords(RegistryClient registry, RegistryClient asked, string repository)
{
    private readonly Dictionary<string, string> _known = [];

    /// <summary>Replaces the words in a text, those within others first.</summary>
    public async Task<string> ExpandAsync(string text) => await ExpandOnceAsync(await ExpandOnceAsync(text));

    private async Task<string> ExpandOnceAsync(string text)
    {
        foreach (Match word in Word().Matches(text))
        {
            if (!_known.ContainsKey(word.Value)) _known[word.Value] = await FindAsync(word.Groups[1].Value, word.Groups[2].Value);
        }

        return Word().Replace(text, word => _known[word.Value]);
    }

    private async Task<string> FindAsync(string word, string more)
    {
        switch (word)
        {
            case "app": return repository;
            case "token": return await RuleAccount.SignInAsync(asked, more[1..]);
            case "basic":
                // Keys are made when they are first needed; that is not what the rule is about.
                await RuleAccount.SignInAsync(asked, "");
                return RuleAccount.Credentials;
            case "descriptor": return await ExpandAsync("""{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":{config.size}}""");
            case "base": return Digest.Compute(DigestAlgorithm.Sha256, "of the base"u8).ToString();
            case "zeros": return "sha256:" + new string('0', 64);
            case "long": return new string('a', int.Parse(more.AsSpan(1), CultureInfo.InvariantCulture));
            case "sha256": return Digest.Compute(DigestAlgorithm.Sha256, Encoding.UTF8.GetBytes(more[1..])).ToString();
            case "sha512": return Digest.Compute(DigestAlgorithm.Sha512, Encoding.UTF8.GetBytes(more[1..])).ToString();
            case "upload" when more == ".id": return (await ExpandAsync("{upload}")).Split('/', '?')[^2];
            case "upload": return await registry.StartUploadAsync(repository);
            case "begun": return await AppendAsync(await registry.StartUploadAsync(repository), "abc");
            case "blank":
                var blank = await registry.StartUploadAsync(repository);
                await AppendAsync(blank, "");
                return blank;
            case "ended":
                var open = await AppendAsync(await registry.StartUploadAsync(repository), "abc");
                using (var end = await registry.SendAsync("PUT", $"{open}&digest={RegistryClient.DigestOf("abc"u8.ToArray())}")) end.EnsureSuccessStatusCode();
                return open;
            case "first" or "used":
                var first = await registry.StartUploadAsync(repository);
                var used = await AppendAsync(first, "abc");
                if (word == "first") return first;
                await AppendAsync(used, "def");
                return used;
        }

        var (digest, content) = KnownContent.Manifests.TryGetValue(word, out var manifest)
            ? (manifest.Digest, Encoding.UTF8.GetString(manifest.Payload.Span))
            : (KnownContent.DigestOf(word), KnownContent.Blobs[word]);
        return more switch
        {
            ".bytes" => content,
            ".size" => content.Length.ToString(CultureInfo.InvariantCulture),
            ".hex" => digest.Hex,
            _ => digest.ToString(),
        };
    }

    private async Task<string> AppendAsync(string location, string chunk)
    {
        using var answer = await registry.SendAsync("PATCH", location, Encoding.UTF8.GetBytes(chunk));
        return answer.EnsureSuccessStatusCode().Headers.Location!.OriginalString;
    }

    [GeneratedRegex(@"\{([a-z0-9]+)(\.[a-z]+| [^{}]*)?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
