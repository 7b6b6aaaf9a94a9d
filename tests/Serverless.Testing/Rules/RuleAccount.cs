using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;

namespace Serverless.Testing.Rules;

/// <summary>The one account of the rules' registries, a robot that may do everything in the repositories of rules, and pull from some others.</summary>
internal static class RuleAccount
{
    private const string Name = "rules";
    private const string Password = "sr0_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    /// <summary>What it signs in with, for the header Authorization.</summary>
    public static string Credentials { get; } = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Name}:{Password}"));

    /// <summary>Adds it to a registry.</summary>
    public static async Task AddAsync(ITableStore tables)
    {
        string[] rights = ["app:pull,push", "own-*:*", "base:pull"];
        await new ScopeMapStore(tables, new Dictionary<string, AccessRights>()).SetAsync(Name, new AccessRights(rights.Select(r => AccessRule.Parse(r))), default);
        var hash = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Password)));
        await new AccountStore(tables, TimeProvider.System).AddAsync(
            new Account { Name = AccountName.Parse(Name), IsRobot = true, PasswordHashes = [hash, null], Scopes = [Name], LastUsed = TimeProvider.System.GetUtcNow() }, default);
    }

    /// <summary>A token for it.</summary>
    public static async Task<string> SignInAsync(RegistryClient registry, string scopes)
    {
        using var answer = await registry.SendAsync("GET", "/token?scope=" + Uri.EscapeDataString(scopes), headers: ("Authorization", Credentials));
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("token").GetString()!;
    }
}
