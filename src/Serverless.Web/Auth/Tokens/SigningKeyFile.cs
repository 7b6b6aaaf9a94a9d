using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Serverless.Registry.Accounts;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>A key of the configuration that signs tokens.</summary>
internal static class SigningKeyFile
{
    private const string Rule = "must name a PEM file with a private key on the curve P-256, without a password.";

    /// <summary>Reads the key from a PEM file.</summary>
    /// <exception cref="SettingsException">The file cannot be read, or has no key on P-256.</exception>
    public static SigningKey Read(string path)
    {
        var pem = ReadText(path);
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Refuse(Rule);
        }

        if (key.KeySize != 256) throw Refuse(Rule);
        // A name that follows from the key: another key has another.
        var id = Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
        return new SigningKey(id, pem, DateTimeOffset.MinValue);
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (FileProblem.Is(e))
        {
            throw Refuse($"names a file {FileProblem.Describe(e)}.");
        }
    }

    private static SettingsException Refuse(string problem) => new([$"{SettingsReader.Root}:Auth:Token:SigningKey {problem}"]);
}
