using System.Runtime.CompilerServices;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Tests;

/// <summary>Hashes of passwords take few rounds in tests, which make and check hundreds.</summary>
internal static class CheapPasswords
{
    [ModuleInitializer]
    internal static void Use() => PasswordHashes.Work = new PasswordWork(rounds: 1000);
}
