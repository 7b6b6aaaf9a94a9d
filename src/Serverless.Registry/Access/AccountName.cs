using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Serverless.Registry.Access;

/// <summary>The name of an account: 1 to 128 letters, digits and <c>. _ @ + -</c>, beginning with a letter or digit. Upper and lower case differ.</summary>
public readonly partial record struct AccountName : IParsable<AccountName>
{
    private readonly string? _value;

    private AccountName(string value) => _value = value;

    /// <inheritdoc/>
    public static AccountName Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var name) ? name : throw new FormatException("A name has 1 to 128 letters, digits and . _ @ + - and begins with a letter or digit.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AccountName result)
    {
        result = default;
        if (s is null || !Grammar().IsMatch(s)) return false;
        result = new AccountName(s);
        return true;
    }

    /// <summary>The name.</summary>
    public override string ToString() => _value ?? throw new InvalidOperationException("A default AccountName has no value.");

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9._@+-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
