using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Endpoints.Api;

/// <summary>Reads what accounts and scope maps shall be, and says all that is wrong with it. Passwords are not repeated.</summary>
internal static class AccountOrders
{
    private const int MaxScopeMaps = 100;
    private const int MaxRules = 200;

    /// <summary>The account that a body asks for.</summary>
    /// <returns>The account; and of a robot the password that was made for it.</returns>
    /// <exception cref="RegistryException">It cannot be.</exception>
    public static (Account Account, string? Password) Read(AccountOrder order, DateTimeOffset now)
    {
        List<string> problems = [];
        var isRobot = order.Kind == "robot";
        if (!AccountName.TryParse(order.Name, null, out var name)) problems.Add("name has 1 to 128 letters, digits and . _ @ + - and begins with a letter or digit");
        if (order.Kind is not (null or "user" or "robot")) problems.Add("kind is user or robot");
        if (isRobot && order.Password is not null) problems.Add("password is for users: a robot's is made for it");
        if (!isRobot && FindPasswordProblem(order.Password ?? "") is { } problem) problems.Add(problem);
        if (order.ExpiresAt is { } end && (!isRobot || end <= now)) problems.Add("expiresAt is for robots, and a time to come");
        CheckMaps(order.ScopeMaps, problems);
        if (problems.Count > 0) throw new RegistryException(ApiErrors.RequestInvalid, "the account cannot be asked for like this", problems);
        var made = isRobot ? RobotPassword.New(slot: 0) : null;
        var account = new Account
        {
            Name = name,
            IsRobot = isRobot,
            PasswordHashes = [made is null ? PasswordHashes.Hash(order.Password!) : RobotPassword.Hash(made), null],
            Scopes = order.ScopeMaps ?? [],
            Expires = order.ExpiresAt,
        };
        return (account, made);
    }

    /// <summary>The change that a body asks for.</summary>
    /// <exception cref="RegistryException">It cannot be.</exception>
    public static Func<Account, Account> Read(AccountChange change, Account account)
    {
        List<string> problems = [];
        if (change is { Disabled: null, ScopeMaps: null, Password: null }) problems.Add("there is nothing to change");
        if (account.IsRobot && change.Password is not null) problems.Add("password is for users: a robot's are made for it");
        if (!account.IsRobot && change.Password is { } password && FindPasswordProblem(password) is { } problem) problems.Add(problem);
        CheckMaps(change.ScopeMaps, problems);
        if (problems.Count > 0) throw new RegistryException(ApiErrors.RequestInvalid, "the account cannot be changed like this", problems);
        var hash = change.Password is null ? null : PasswordHashes.Hash(change.Password);
        return before => before with
        {
            Disabled = change.Disabled ?? before.Disabled,
            Scopes = change.ScopeMaps ?? before.Scopes,
            PasswordHashes = hash is null ? before.PasswordHashes : [hash, null],
        };
    }

    /// <summary>The rights that a body asks for.</summary>
    /// <exception cref="RegistryException">They cannot be read.</exception>
    public static AccessRights Read(ScopeMapOrder order)
    {
        if (order.Rules.Count is 0 or > MaxRules) throw ApiBody.Invalid($"rules has 1 to {MaxRules} rights");
        List<AccessRule> rules = [];
        List<string> problems = [];
        foreach (var text in order.Rules)
        {
            if (AccessRule.TryParse(text, null, out var rule)) rules.Add(rule);
            else problems.Add("a right is written PATTERN:ACTION,ACTION such as team/*:pull,push, registry:catalog:* or registry:admin:*");
        }

        return problems.Count == 0 ? new AccessRights(rules) : throw new RegistryException(ApiErrors.RequestInvalid, "the rules cannot be read", problems.Distinct().ToList());
    }

    // Without the dot: it is one of several.
    private static string? FindPasswordProblem(string password) => PasswordHashes.FindProblem(password)?.TrimEnd('.');

    private static void CheckMaps(IReadOnlyList<string>? maps, List<string> problems)
    {
        if (maps is not null && (maps.Count > MaxScopeMaps || maps.Any(m => m is null || !ScopeMapStore.IsName(m)))) problems.Add($"scopeMaps has at most {MaxScopeMaps} names, of letters, digits, dots, hyphens and underscores");
    }
}
