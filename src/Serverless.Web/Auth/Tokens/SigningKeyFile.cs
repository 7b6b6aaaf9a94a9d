using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Serverless.Registry.Accounts;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>A key of the configuration that signs tokens.</summary>
internal static class SigningKeyFile
{
    /// <summary>Reads the key from a PEM file.</summary>
    /// <exception cref="SettingsException">The file cannot be read, or has no key on P-256.</exception>
    public static SigningKey Read(string path)
    {
        try
        {
            var pem = File.ReadAllText(path);
            using var key = ECDsa.Create();
            key.ImportFromPem(pem);
            if (key.KeySize != 256) throw new ArgumentException("it must be a key on the curve P-256.");
            // A name that follows from the key: another key has another.
            var id = Base64UrlEncoder.Encode(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
            return new SigningKey(id, pem, DateTimeOffset.MinValue);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SettingsException([$"{SettingsReader.Root}:Auth:Token:SigningKey: {path} cannot be used: {e.Message}"]);
        }
    }
}
