using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Auth.Basic;

/// <summary>The users of one version of an htpasswd file.</summary>
internal sealed class HtpasswdUsers
{
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <summary>The highest cost that a hash of the file has. A check takes as long for every name, also for one that nobody has.</summary>
    public int Dearest { get; private set; }

    /// <summary>How many users there are.</summary>
    public int Count => _hashes.Count;

    /// <summary>How many lines have no effect.</summary>
    public int Ignored { get; private set; }

    /// <summary>Names and hashes, in the order of the file.</summary>
    public IEnumerable<(string Name, string Hash)> All => _hashes.Select(h => (h.Key, h.Value));

    public static HtpasswdUsers Parse(string text)
    {
        var users = new HtpasswdUsers();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && PasswordHashes.IsBcrypt(line[(colon + 1)..])) users._hashes[line[..colon]] = line[(colon + 1)..];
            else users.Ignored++;
        }

        users.Dearest = users._hashes.Values.Select(PasswordWork.Cost).DefaultIfEmpty(10).Max();
        return users;
    }

    /// <summary>The user's hash; null when nobody has the name.</summary>
    public string? FindHash(string name) => _hashes.GetValueOrDefault(name);
}
